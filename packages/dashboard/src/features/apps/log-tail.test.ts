import { expect, test } from 'vitest'
import { logTail, MAX_LINES } from './log-tail.ts'

const line = (seconds: number, text = 'tick', pod = 'web-1') => ({
  pod,
  time: new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString(),
  line: text,
})

test('lines that come again after a resume are shown once', () => {
  const tail = logTail()
    .add([line(1), line(2)])
    .add([line(1), line(2), line(3)])
  expect(tail.lines).toEqual([line(1), line(2), line(3)])
})

test('the same text at the same time from another pod is another line', () => {
  expect(logTail().add([line(1), line(1, 'tick', 'web-2')]).lines).toHaveLength(2)
})

test('a resume asks for a little before the newest line, whichever pod wrote it', () => {
  const tail = logTail().add([line(60), line(58, 'late', 'web-2')])
  expect(tail.resumeTime).toBe('2026-01-01T00:00:55.000Z')
})

test('with no line yet there is nothing to resume from', () => {
  expect(logTail().resumeTime).toBeUndefined()
})

test('the oldest lines are dropped at the bound', () => {
  const tail = logTail().add(Array.from({ length: MAX_LINES + 5 }, (_, index) => line(index)))
  expect(tail.lines).toHaveLength(MAX_LINES)
  expect(tail.lines[0]).toEqual(line(5))
})
