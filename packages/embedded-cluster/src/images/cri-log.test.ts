import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { CriLogWriter, maxLogEntryBytes, rotatedLog } from './cri-log.ts'

function newLog(options: { maxBytes?: number; now?: () => number } = {}) {
  const file = join(tempDir(), 'log')
  const log = new CriLogWriter(file, { now: () => Date.UTC(2026, 4, 1, 10), ...options })
  const entries = (path = file) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const print = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
    log.write(stream, Buffer.from(text))
  return { file, log, entries, print }
}

test('each line is an entry with time and stream', () => {
  const { entries, print } = newLog()
  print('one\ntwo\n')
  print('oh\n', 'stderr')
  expect(entries()).toEqual([
    '2026-05-01T10:00:00.000000000Z stdout F one',
    '2026-05-01T10:00:00.000001000Z stdout F two',
    '2026-05-01T10:00:00.000002000Z stderr F oh',
  ])
})

test('entries never share a time, nor go back in time when the clock does', () => {
  const times = [2_000, 2_000, 1_000, 3_000]
  const { entries, print } = newLog({ now: () => times.shift() ?? 0 })
  for (const text of ['a\n', 'b\n', 'c\n', 'd\n']) print(text)
  expect(entries().map((entry) => entry.slice(17, 29))).toEqual([
    '02.000000000',
    '02.000001000',
    '02.000002000',
    '03.000000000',
  ])
})

test('a line that arrives in pieces is one entry', () => {
  const { entries, print } = newLog()
  print('hel')
  print('lo\nwor')
  expect(entries()).toEqual([expect.stringContaining(' F hello')])
})

test('a multi-byte character cut in two is written whole', () => {
  const { log, entries } = newLog()
  const bytes = Buffer.from('ä\n')
  log.write('stdout', bytes.subarray(0, 1))
  log.write('stdout', bytes.subarray(1))
  expect(entries()[0]).toMatch(/ F ä$/)
})

test('a line longer than an entry is cut into parts', () => {
  const { entries, print } = newLog()
  print(`${'x'.repeat(maxLogEntryBytes + 10)}\n`)
  const texts = entries().map((entry) => entry.slice(31))
  expect(texts).toEqual([`stdout P ${'x'.repeat(maxLogEntryBytes)}`, `stdout F ${'x'.repeat(10)}`])
})

test('what has no newline is written when the log is closed', () => {
  const { log, entries, print } = newLog()
  print('last words')
  log.close()
  expect(entries()).toEqual(['2026-05-01T10:00:00.000000000Z stdout P last words'])
})

test('a log that is full is rotated, and one older file is kept', () => {
  const { file, entries, print } = newLog({ maxBytes: 100 })
  for (let line = 1; line <= 7; line++) print(`line ${line}\n`)
  // 47 bytes an entry: two in a file.
  expect(entries(rotatedLog(file)).map((entry) => entry.at(-1))).toEqual(['5', '6'])
  expect(entries().map((entry) => entry.at(-1))).toEqual(['7'])
})
