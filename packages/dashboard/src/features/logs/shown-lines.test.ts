import { expect, test } from 'vitest'
import { logFile, shownLines } from './shown-lines.ts'

const lines = ['GET /', '\u001b[31mfailed\u001b[0m GET', 'bye'].map((line, number) => ({
  pod: 'web-1',
  time: '2026-01-01T00:00:00.123456789Z',
  line,
  number,
}))

test('a search marks the lines that have it, colours or not, or shows them alone', () => {
  expect(shownLines(lines, 'ed get', false)).toEqual({ lines, matches: [1] })
  expect(shownLines(lines, 'get', true)).toEqual({ lines: lines.slice(0, 2), matches: [0, 1] })
  expect(shownLines(lines, '', true)).toEqual({ lines, matches: [] })
})

test('the file has times in full, pods where there are several, and no colours', () => {
  expect(logFile(lines.slice(1, 2), true)).toBe('2026-01-01T00:00:00.123456789Z web-1 failed GET\n')
  expect(logFile(lines.slice(2), false)).toBe('2026-01-01T00:00:00.123456789Z bye\n')
})
