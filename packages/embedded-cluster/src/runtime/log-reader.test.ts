import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { CriLogWriter } from '../images/cri-log.ts'
import { lastLogLines, readLog, type LogReadOptions } from './log-reader.ts'

const start = Date.UTC(2026, 4, 1, 10)

function newLog(maxBytes = 1_000_000) {
  const file = join(tempDir(), 'log')
  let now = start
  const log = new CriLogWriter(file, { maxBytes, now: () => now })
  const print = (...lines: string[]) => {
    for (const line of lines) {
      log.write('stdout', Buffer.from(`${line}\n`))
      now += 1000
    }
  }
  return { file, log, print }
}

async function read(file: string, options: Partial<LogReadOptions> = {}): Promise<string> {
  const deps = { ended: Promise.resolve(), signal: new AbortController().signal }
  const parts: Uint8Array[] = []
  for await (const part of readLog(file, { follow: false, timestamps: false, ...options }, deps))
    parts.push(part)
  return Buffer.concat(parts).toString()
}

/** Follows a log; `lines(n)` waits until n lines have come. */
function following(file: string, options: Partial<LogReadOptions> = {}) {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const aborting = new AbortController()
  const log = readLog(
    file,
    { follow: true, timestamps: false, ...options },
    { ended, signal: aborting.signal },
  )
  onTestFinished(() => aborting.abort())
  let text = ''
  const lines = async (count: number): Promise<string[]> => {
    while (text.split('\n').length <= count) {
      const { value, done } = await log.next()
      if (done === true) break
      text += Buffer.from(value).toString()
    }
    return text.split('\n').slice(0, -1)
  }
  return { lines, end, abort: () => aborting.abort(), rest: () => lines(Number.POSITIVE_INFINITY) }
}

test('gives the lines as they were printed', async () => {
  const { file, print } = newLog()
  print('one', '', 'three')
  expect(await read(file)).toBe('one\n\nthree\n')
})

test('timestamps go before each line', async () => {
  const { file, print } = newLog()
  print('one', 'two')
  expect(await read(file, { timestamps: true })).toBe(
    '2026-05-01T10:00:00.000000000Z one\n2026-05-01T10:00:01.000000000Z two\n',
  )
})

test('a line in parts is one line with one timestamp', async () => {
  const { file, log } = newLog()
  log.write('stdout', Buffer.from(`${'x'.repeat(40_000)}\n`))
  expect(await read(file)).toBe(`${'x'.repeat(40_000)}\n`)
  expect((await read(file, { timestamps: true })).match(/Z /g)).toHaveLength(1)
})

test.each([
  [0, ''],
  [1, 'three\n'],
  [2, 'two\nthree\n'],
  [9, 'one\ntwo\nthree\n'],
])('tail %i', async (tailLines, expected) => {
  const { file, print } = newLog()
  print('one', 'two', 'three')
  expect(await read(file, { tailLines })).toBe(expected)
})

test('tail reaches back into the rotated file', async () => {
  const { file, print } = newLog(100)
  print('1', '2', '3', '4', '5')
  expect(await read(file, { tailLines: 2 })).toBe('4\n5\n')
  expect(await read(file, { tailLines: 3 })).toBe('3\n4\n5\n')
})

test('tail counts lines over more than one block of the file', async () => {
  const { file, print } = newLog()
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`)
  print(...lines)
  expect(await read(file, { tailLines: 4000 })).toBe(`${lines.slice(1000).join('\n')}\n`)
})

test('tail counts lines, not the parts in which a terminal shows them', async () => {
  const { file, log, print } = newLog()
  print('one', 'two')
  for (const part of ['t', 'h', 'ree\nfo', 'ur']) {
    log.write('stdout', Buffer.from(part))
    log.flush()
  }
  expect(await read(file, { tailLines: 1 })).toBe('four')
  expect(await read(file, { tailLines: 2 })).toBe('three\nfour')
  expect(await read(file, { tailLines: 3 })).toBe('two\nthree\nfour')
})

test('one stream can be read without the other', async () => {
  const { file, log } = newLog()
  log.write('stdout', Buffer.from('said\n'))
  log.write('stderr', Buffer.from('whispered\n'))
  expect(await read(file, { stream: 'stdout' })).toBe('said\n')
  expect(await read(file, { stream: 'stderr' })).toBe('whispered\n')
})

test('since includes entries of that very time, to the microsecond', async () => {
  const { file, log } = newLog()
  log.write('stdout', Buffer.from('a\nb\nc\n')) // one millisecond, three microseconds
  expect(await read(file, { sinceMs: start + 0.001 })).toBe('b\nc\n')
  expect(await read(file, { sinceMs: start + 1 })).toBe('')
})

test('the limit is exact', async () => {
  const { file, print } = newLog()
  print('12345', '67890')
  expect(await read(file, { limitBytes: 8 })).toBe('12345\n67')
})

test('a log that does not exist is empty', async () => {
  expect(await read(join(tempDir(), 'log'))).toBe('')
})

test('following gives what is there, then what comes, and ends after the last line', async () => {
  const { file, print } = newLog()
  print('one')
  const follow = following(file)
  expect(await follow.lines(1)).toEqual(['one'])
  print('two')
  expect(await follow.lines(2)).toEqual(['one', 'two'])
  print('three')
  follow.end()
  expect(await follow.rest()).toEqual(['one', 'two', 'three'])
})

test('following a log before it exists gives its lines once it does', async () => {
  const dir = tempDir()
  const file = join(dir, 'log')
  const follow = following(file)
  const first = follow.lines(1)
  new CriLogWriter(file).write('stdout', Buffer.from('hello\n'))
  expect(await first).toEqual(['hello'])
})

test('following over rotations loses nothing and doubles nothing', async () => {
  const { file, print } = newLog(300)
  const follow = following(file)
  const expected: string[] = []
  for (let round = 0; round < 20; round++) {
    const lines = [`${round} a`, `${round} b`]
    print(...lines)
    expected.push(...lines)
    expect(await follow.lines(expected.length)).toEqual(expected)
  }
  follow.end()
  expect(await follow.rest()).toEqual(expected)
})

test('an aborted follow ends', async () => {
  const { file, print } = newLog()
  print('one')
  const follow = following(file)
  await follow.lines(1)
  const rest = follow.rest()
  follow.abort()
  expect(await rest).toEqual(['one'])
})

test('the last lines are bounded in bytes, too', async () => {
  const { file, print } = newLog()
  print('first', 'second', 'third')
  expect(await lastLogLines(file, { lines: 2, maxBytes: 100 })).toBe('second\nthird\n')
  expect(await lastLogLines(file, { lines: 2, maxBytes: 6 })).toBe('third\n')
})
