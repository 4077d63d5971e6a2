import { expect, onTestFinished, test, vi } from 'vitest'
import { abortReason } from './abort.ts'
import { sleep, systemClock } from './clock.ts'
import { FakeClock } from './testing.ts'

test('a sleep ends when its time has come, not before', async () => {
  const clock = new FakeClock()
  let isOver = false
  const slept = sleep(clock, 1_000, new AbortController().signal).then(() => {
    isOver = true
  })

  await clock.advance(999)
  expect(isOver).toBe(false)
  await clock.advance(1)
  await slept
  expect(isOver).toBe(true)
})

test('an aborted sleep rejects with the reason and leaves no timer behind', async () => {
  const clock = new FakeClock()
  const ending = new AbortController()
  const slept = sleep(clock, 1_000, ending.signal)
  ending.abort(new Error('enough'))

  await expect(slept).rejects.toThrow('enough')
  expect(clock.delays).toEqual([])
  await expect(sleep(clock, 1_000, ending.signal)).rejects.toThrow('enough')
})

test('a reason that is no error becomes one', () => {
  const ending = new AbortController()
  ending.abort('a word')
  expect(abortReason(ending.signal)).toMatchObject({ name: 'AbortError' })
})

test('a wait longer than a timer can count does not end at once', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let isOver = false
  const waitMs = 2 ** 32
  systemClock.setTimeout(() => {
    isOver = true
  }, waitMs)

  vi.advanceTimersByTime(waitMs - 1)
  expect(isOver).toBe(false)
  vi.advanceTimersByTime(1)
  expect(isOver).toBe(true)
})

test('the fake clock calls in the order of time, also what is added on the way', async () => {
  const clock = new FakeClock(0)
  const heard: string[] = []
  clock.setTimeout(() => heard.push(`b@${clock.now()}`), 200)
  clock.setTimeout(() => {
    heard.push(`a@${clock.now()}`)
    clock.setTimeout(() => heard.push(`c@${clock.now()}`), 50)
  }, 100)
  const cancel = clock.setTimeout(() => heard.push('never'), 120)
  cancel()

  await clock.advance(1_000)

  expect(heard).toEqual(['a@100', 'c@150', 'b@200'])
  expect(clock.now()).toBe(1_000)
})
