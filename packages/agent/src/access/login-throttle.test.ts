import { PorpulsionError } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createLoginThrottle, type Guesser } from './login-throttle.ts'

function aThrottle() {
  const clock = new FakeClock()
  const throttle = createLoginThrottle(clock)
  const outcome = async (guesser: Guesser, error?: Error): Promise<string> => {
    try {
      await throttle.attempt(guesser, () =>
        error === undefined ? Promise.resolve() : Promise.reject(error),
      )
      return 'in'
    } catch (thrown) {
      return thrown instanceof PorpulsionError ? thrown.code : 'other'
    }
  }
  const wrong = new PorpulsionError('Unauthenticated', 'PasswordWrong', 'wrong')
  return {
    clock,
    throttle,
    right: (guesser: Guesser) => outcome(guesser),
    wrong: (guesser: Guesser) => outcome(guesser, wrong),
    broken: (guesser: Guesser) => outcome(guesser, new Error('the cluster is away')),
  }
}

const guesser = { account: 'alice', addressGroup: '203.0.113.7' }
const elsewhere = { ...guesser, addressGroup: '198.51.100.1' }
const times = async (count: number, act: () => Promise<string>): Promise<string[]> => {
  const outcomes = []
  for (let i = 0; i < count; i++) outcomes.push(await act())
  return outcomes
}

test('ten wrong passwords from one place, then one every half minute, right ones not looked at', async () => {
  const { wrong, right, clock } = aThrottle()
  expect(new Set(await times(10, () => wrong(guesser)))).toEqual(new Set(['PasswordWrong']))
  expect(await right(guesser)).toBe('RateLimited')
  await clock.advance(30_000)
  expect(await right(guesser)).toBe('in')
})

test('failures at one place do not keep the owner out at another, nor another user at the same', async () => {
  const { wrong, right } = aThrottle()
  await times(2_000, () => wrong(guesser))
  expect(await right(elsewhere)).toBe('in')
  expect(await right({ ...guesser, account: 'bob' })).toBe('in')
})

test('a browser the owner signed in from before gets in whatever others do, also behind one address', async () => {
  const { wrong, right } = aThrottle()
  for (let place = 0; place < 60; place++)
    await times(10, () => wrong({ account: 'alice', addressGroup: `10.0.0.${place}` }))
  expect(await right(elsewhere)).toBe('RateLimited')
  const known = { ...guesser, device: 'abc' }
  expect(await right(known)).toBe('in')
  expect((await times(11, () => wrong(known))).at(-1)).toBe('RateLimited')
})

test('somebody who steals the mark of a browser uses up that browser only', async () => {
  const { wrong, right } = aThrottle()
  await times(50, () => wrong({ ...guesser, device: 'abc' }))
  expect(await right(guesser)).toBe('in')
  expect(await right({ ...guesser, device: 'def' })).toBe('in')
})

test('what got in, or failed for another reason, is not counted', async () => {
  const { right, broken, wrong } = aThrottle()
  await times(50, () => right(guesser))
  await times(50, () => broken(guesser))
  expect(await wrong(guesser)).toBe('PasswordWrong')
})

test('a thousand attempts at the same moment are not all tried', async () => {
  const { throttle } = aThrottle()
  let tried = 0
  const attempts = Array.from({ length: 1_000 }, () =>
    throttle.attempt(guesser, async () => {
      tried++
      await Promise.resolve()
      throw new PorpulsionError('Unauthenticated', 'PasswordWrong', 'wrong')
    }),
  )
  await Promise.allSettled(attempts)
  expect(tried).toBe(10)
})
