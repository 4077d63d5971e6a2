import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.ts'

/** Work that ends when it is told to. */
function aQueue(options = { concurrency: 1, maxWaiting: 4 }) {
  const queue = createFairQueue(options)
  const started: string[] = []
  const ends: (() => void)[] = []
  const run = (key: string): Promise<void> =>
    queue.run(key, () => {
      started.push(key)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const endOne = async (): Promise<void> => {
    ends.shift()?.()
    await settle()
  }
  return { queue, run, started, endOne, settle }
}

test('only so much is in hand at once, and everything gets its turn', async () => {
  const { run, started, endOne, settle } = aQueue()
  const all = [run('a'), run('b'), run('c')]
  await settle()
  expect(started).toEqual(['a'])
  for (const expected of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    await endOne()
    expect(started).toEqual(expected)
  }
  await endOne()
  await expect(Promise.all(all)).resolves.toHaveLength(3)
})

test('one who asks many times delays another by one', async () => {
  const { run, started, endOne, settle } = aQueue()
  const all = [run('many'), run('many'), run('many'), run('many'), run('one')]
  await settle()
  for (let i = 0; i < 5; i++) await endOne()
  expect(started.slice(0, 3)).toEqual(['many', 'many', 'one'])
  await Promise.all(all)
})

test('at the bound who has most waiting makes room for a newcomer', async () => {
  const { run, started, endOne, settle } = aQueue()
  const many = Array.from({ length: 5 }, () => run('many'))
  const refused = Promise.allSettled(many)
  await expect(run('many')).rejects.toMatchObject({ code: 'RateLimited' })
  const one = run('one')
  await settle()
  for (let i = 0; i < 5; i++) await endOne()
  await expect(one).resolves.toBeUndefined()
  expect((await refused).map(({ status }) => status)).toEqual([
    ...Array.from({ length: 4 }, () => 'fulfilled'),
    'rejected',
  ])
  expect(started.filter((key) => key === 'many')).toHaveLength(4)
})

test('work that fails fails alone, and its place is free again', async () => {
  const { queue } = aQueue()
  const failed = queue.run('a', () => Promise.reject(new Error('no')))
  const next = queue.run('a', () => Promise.resolve('done'))
  await expect(failed).rejects.toThrow('no')
  await expect(next).resolves.toBe('done')
  await expect(queue.run('b', () => Promise.resolve('done'))).resolves.toBe('done')
})
