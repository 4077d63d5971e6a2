import { expect, test } from 'vitest'
import { parseYaml, toYaml } from './manifest-yaml.ts'

test.each(['yes', 'off', '0644', '22:22', '2026-01-01', '1_000', 'null', '', ' a ', 'a: b', '~'])(
  'the string %j is still that string when the text is read again',
  (value) => {
    expect(parseYaml(toYaml({ value }))).toEqual({ value })
  },
)

test('a number with a leading zero is octal, a time of day and a date are text', () => {
  expect(parseYaml('mode: 0644\nat: 22:22\nday: 2026-01-01')).toEqual({
    mode: 0o644,
    at: '22:22',
    day: '2026-01-01',
  })
})

test('a text that expands without end is refused', () => {
  const bomb = 'a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]'
  expect(() => parseYaml(bomb)).toThrow(/alias/i)
})
