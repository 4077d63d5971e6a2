import type { LogLine } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { LineMerge, mergeByTime } from './line-merge.ts'

const line = (pod: string, second: number): LogLine => ({
  pod,
  time: `2030-01-01T00:00:0${second}Z`,
  line: `${pod}${second}`,
})

async function* lines(...all: LogLine[]): AsyncGenerator<LogLine> {
  for (const one of all) yield await Promise.resolve(one)
}

async function read(source: AsyncIterable<LogLine>): Promise<string[]> {
  const texts: string[] = []
  for await (const { line } of source) texts.push(line)
  return texts
}

test('finite logs come in the order of their times, and each keeps its own order', async () => {
  const merged = mergeByTime([
    lines(line('a', 1), line('a', 4)),
    lines(line('b', 2), line('b', 2), line('b', 3)),
    lines(),
  ])
  expect(await read(merged)).toEqual(['a1', 'b2', 'b2', 'b3', 'a4'])
})

test('a merge ends when its last source does', async () => {
  const merge = new LineMerge()
  void merge.add(lines(line('a', 1), line('a', 2)))
  void merge.add(lines(line('b', 1)))
  expect((await read(merge)).sort()).toEqual(['a1', 'a2', 'b1'])
})

test('a source that fails fails the merge, after what came before', async () => {
  async function* failing(): AsyncGenerator<LogLine> {
    yield await Promise.resolve(line('a', 1))
    throw new Error('broke off')
  }
  const merge = new LineMerge()
  void merge.add(failing())
  const seen: string[] = []
  const reading = (async () => {
    for await (const { line } of merge) seen.push(line)
  })()
  await expect(reading).rejects.toThrow('broke off')
  expect(seen).toEqual(['a1'])
})

test('a reader that stands still holds its sources back', async () => {
  let produced = 0
  async function* endless(): AsyncGenerator<LogLine> {
    for (;;) {
      produced++
      yield await Promise.resolve(line('a', 1))
    }
  }
  const merge = new LineMerge()
  const adding = merge.add(endless())
  const reader = merge[Symbol.asyncIterator]()
  await reader.next()
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  const waiting = produced
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect(produced).toBe(waiting)
  expect(waiting).toBeLessThan(300)
  await reader.return(undefined)
  await adding
})
