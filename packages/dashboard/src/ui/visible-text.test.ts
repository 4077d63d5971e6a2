import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

test.each([
  ['what turns the rest around', 'nginx\u{202e}live', 'nginx\\u{202e}live'],
  ['what has no width', 'ngi\u{200b}nx', 'ngi\\u{200b}nx'],
  ['what a font leaves blank', 'nginx\u{3164}', 'nginx\\u{3164}'],
  ['a return to the start of the line', 'evil\rgood', 'evil\\u{d}good'],
  ['the escape of a terminal', '\u{1b}[2K', '\\u{1b}[2K'],
  ['what lies beyond the basic plane', 'a\u{e0041}', 'a\\u{e0041}'],
])('%s is written out', (_what, text, expected) => {
  expect(visibleText(text)).toBe(expected)
})

test('lines, tabs and every script stay as they are', () => {
  const text = 'key:\n\twörld: "世界"\n'
  expect(visibleText(text)).toBe(text)
})
