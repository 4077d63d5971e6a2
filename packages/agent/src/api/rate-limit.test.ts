import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

const options = { perSecond: 2, burst: 3, maxKeys: 2 }

test('so many at once, then as many as time gives back', async () => {
  const clock = new FakeClock()
  const limit = createRateLimit(clock, options)
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('a')).toThrow(
    expect.objectContaining({ code: 'RateLimited', retryAfterSeconds: 1 }),
  )
  await clock.advance(500)
  limit.take('a')
  expect(() => limit.take('a')).toThrow()
  await clock.advance(60_000)
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('a')).toThrow()
})

test('one key does not use up another', () => {
  const limit = createRateLimit(new FakeClock(), options)
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('b')).not.toThrow()
})

test('of more keys than the bound the one longest unused is forgotten', () => {
  const limit = createRateLimit(new FakeClock(), options)
  for (let i = 0; i < 3; i++) limit.take('a')
  limit.take('b')
  expect(() => limit.take('a')).toThrow()
  limit.take('c')
  expect(() => limit.take('a')).toThrow()
  limit.take('d')
  limit.take('e')
  expect(() => limit.take('a')).not.toThrow()
})

test('a clock that is set back keeps nobody out', () => {
  let nowMs = 7_200_000
  const clock = { now: () => nowMs, setTimeout: () => () => undefined }
  const limit = createRateLimit(clock, options)
  limit.take('a')
  nowMs -= 3_600_000
  expect(limit.allows('a')).toBe(true)
  expect(limit.allows('a')).toBe(true)
  expect(limit.allows('a')).toBe(false)
  nowMs += 500
  expect(limit.allows('a')).toBe(true)
})
