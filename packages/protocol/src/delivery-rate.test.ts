import { describe, expect, test } from 'vitest'
import { DeliveryRate } from './delivery-rate.ts'

const rttMs = 100

/** Sends a batch, and has it acknowledged a round trip later. */
function round(rate: DeliveryRate, bytes: number, at: number): void {
  rate.sent(bytes, at)
  rate.acknowledge(bytes, at + rttMs, rttMs)
}

describe('the delivery rate', () => {
  test('is what was acknowledged in the time it took', () => {
    const rate = new DeliveryRate()
    round(rate, 50_000, 0)
    expect(rate.bytesPerMs).toBe(500)
    expect(rate.inFlightBytes).toBe(0)
  })

  test('is not lowered by rounds in which there was little to send', () => {
    const rate = new DeliveryRate()
    round(rate, 50_000, 0)
    for (let i = 1; i < 50; i += 1) {
      rate.ranDry()
      round(rate, 100, i * rttMs)
    }
    expect(rate.bytesPerMs).toBe(500)
  })

  test('forgets a rate the path has not shown for ten rounds', () => {
    const rate = new DeliveryRate()
    round(rate, 50_000, 0)
    for (let i = 1; i < 20; i += 1) round(rate, 10_000, i * rttMs)
    expect(rate.bytesPerMs).toBe(100)
  })

  test('does not take acknowledgements that come in a burst for bandwidth', () => {
    const rate = new DeliveryRate()
    for (let i = 0; i < 10; i += 1) rate.sent(10_000, i * 10)
    for (let i = 0; i < 10; i += 1) rate.acknowledge(10_000, 200 + i * 0.01, rttMs)
    expect(rate.bytesPerMs).toBeLessThanOrEqual(1_000)
  })

  test('is not taken from samples shorter than the path', () => {
    const rate = new DeliveryRate()
    rate.sent(50_000, 0)
    rate.acknowledge(50_000, 1, rttMs)
    expect(rate.bytesPerMs).toBe(0)
  })

  test('is not what a peer claims: it cannot acknowledge more than was sent', () => {
    const rate = new DeliveryRate()
    rate.sent(100, 0)
    expect(rate.acknowledge(101, 10, undefined)).toBe(false)
    expect(rate.inFlightBytes).toBe(100)
    expect(rate.acknowledge(100, 10, undefined)).toBe(true)
  })
})
