import { expect, test } from 'vitest'
import { shownAnswer } from './shown-answer.ts'

test('JSON is laid out below its status, anything else stays as it came', () => {
  expect(shownAnswer(200, '{"items":[]}')).toBe('200\n{\n  "items": []\n}')
  expect(shownAnswer(502, '<html>')).toBe('502\n<html>')
})

test('a huge answer is cut, and says by how much', () => {
  expect(shownAnswer(200, 'x'.repeat(50_000))).toMatch(/^200\nx{40000}\n… 10000 more characters$/)
})
