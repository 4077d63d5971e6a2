import { describe, expect, test } from 'vitest'
import { Exchange } from './exchange.ts'

const limits = { bulkAfterBytes: 1_000, exchangeIdleMs: 500 }

describe('an exchange', () => {
  test('turns bulk once it has sent more than the limit', () => {
    const exchange = new Exchange(limits)
    exchange.sent(1_000)
    expect(exchange.isBulk).toBe(false)
    exchange.sent(1)
    expect(exchange.isBulk).toBe(true)
  })

  test('is over when the peer speaks while nothing waits', () => {
    const exchange = new Exchange(limits)
    exchange.sent(5_000)
    exchange.idle(10)
    exchange.peerSpoke()
    exchange.resume(11)
    expect(exchange.isBulk).toBe(false)
  })

  test('is not over because the peer speaks in the middle of it', () => {
    const exchange = new Exchange(limits)
    exchange.sent(5_000)
    exchange.idle(10)
    exchange.resume(11)
    exchange.peerSpoke()
    expect(exchange.isBulk).toBe(true)
  })

  test('is over after a rest, and not after a shorter one', () => {
    const exchange = new Exchange(limits)
    exchange.sent(5_000)
    exchange.idle(0)
    exchange.resume(499)
    expect(exchange.isBulk).toBe(true)
    exchange.idle(1_000)
    exchange.resume(1_500)
    expect(exchange.isBulk).toBe(false)
  })
})
