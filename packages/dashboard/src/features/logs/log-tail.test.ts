import { expect, test } from 'vitest'
import { LogTail, MAX_CHARACTERS, MAX_LINES } from './log-tail.ts'

const line = (seconds: number, text = 'tick', pod = 'web-1') => ({
  pod,
  time: new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString(),
  line: text,
})

function aTail(...lines: readonly ReturnType<typeof line>[]): LogTail {
  const tail = new LogTail()
  tail.add(lines)
  return tail
}

test('lines that come again after a resume are shown once', () => {
  const tail = aTail(line(1), line(2))
  tail.add([line(1), line(2), line(3)])
  expect(tail.lines).toMatchObject([line(1), line(2), line(3)])
})

test('the same text at the same time from another pod is another line', () => {
  expect(aTail(line(1), line(1, 'tick', 'web-2')).lines).toHaveLength(2)
})

test('a resume asks for a little before the newest line, whichever pod wrote it', () => {
  expect(aTail(line(60), line(58, 'late', 'web-2')).resumeTime).toBe('2026-01-01T00:00:55.000Z')
})

test('with no line yet there is nothing to resume from', () => {
  expect(aTail().resumeTime).toBeUndefined()
})

test('the oldest lines are dropped at the bound, and the others keep their numbers', () => {
  const tail = aTail(...Array.from({ length: MAX_LINES + 5 }, (_, index) => line(index)))
  expect(tail.lines).toHaveLength(MAX_LINES)
  expect(tail.lines[0]).toEqual({ ...line(5), number: 5 })
})

test('few lines that are very long are bound as well, but the newest stays', () => {
  const half = 'x'.repeat(MAX_CHARACTERS / 2)
  const tail = aTail(line(1, `${half}1`), line(2, `${half}2`))
  expect(tail.lines.map(({ number }) => number)).toEqual([1])
})
