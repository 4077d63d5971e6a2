import { PorpulsionError } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { runAll } from './run-all.ts'

test('what failed is told apart from what was done, in the order it was asked for', async () => {
  const outcome = await runAll(['a', 'b', 'c', 'd'], async (name) => {
    await Promise.resolve()
    if (name === 'b') throw new PorpulsionError('Conflict', 'AppChanged', 'It changed')
    if (name === 'd') throw new Error('lost')
  })
  expect(outcome).toEqual({
    done: ['a', 'c'],
    failed: [
      { item: 'b', code: 'AppChanged', message: 'It changed' },
      { item: 'd', code: 'Error', message: 'lost' },
    ],
  })
})

test('at most six are under way, and progress is told after each', async () => {
  let underWay = 0
  let most = 0
  const progress: number[] = []
  await runAll(
    Array.from({ length: 20 }, (_item, index) => ({ index })),
    async () => {
      most = Math.max(most, ++underWay)
      await Promise.resolve()
      await Promise.resolve()
      underWay--
    },
    (through) => progress.push(through),
  )
  expect(most).toBe(6)
  expect(progress).toEqual(Array.from({ length: 20 }, (_item, index) => index + 1))
})
