import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { atMostEvery } from './at-most-every.ts'

function counted() {
  const clock = new FakeClock()
  const calls: number[] = []
  const startMs = clock.now()
  return { clock, calls, ...atMostEvery(1_000, () => calls.push(clock.now() - startMs), clock) }
}

test('the first request is answered at once, a flood of them once a second and at its end', async () => {
  const { clock, calls, request } = counted()
  for (let i = 0; i < 25; i++) {
    request()
    await clock.advance(100)
  }
  await clock.advance(10_000)
  expect(calls).toEqual([0, 1_000, 2_000, 3_000])
  request()
  expect(calls.at(-1)).toBe(12_500)
})

test('once stopped it calls nothing any more', async () => {
  const { clock, calls, request, stop } = counted()
  request()
  request()
  stop()
  request()
  await clock.advance(10_000)
  expect([calls, clock.delays]).toEqual([[0], []])
})
