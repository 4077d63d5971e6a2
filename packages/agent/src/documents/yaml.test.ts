import { expect, test } from 'vitest'
import { parseYaml } from './yaml.ts'

test('numbers and words mean what people mean by them', () => {
  const text =
    'mode: 0644\non: yes\nno: NO\nday: 2024-01-02\nmap: 8080:80\nflags: [true, False, "true"]'
  expect(parseYaml(text)).toEqual({
    mode: 0o644,
    on: 'yes',
    no: 'NO',
    day: '2024-01-02',
    map: '8080:80',
    flags: [true, false, 'true'],
  })
})

test('JSON is YAML too', () => {
  expect(parseYaml('{"a": [1, "b"], "c": null}')).toEqual({ a: [1, 'b'], c: null })
})

test.each([
  ['a mapping that breaks off', 'a: [1, 2\nb: 3', /YAML: .* at line \d+, column \d+/],
  ['a key given twice', 'a: 1\na: 2', /unique at line 2, column 1/],
  ['the prototype as a key', 'a:\n  __proto__: {}', /__proto__/],
])('%s is refused with where it is', (_name, text, message) => {
  expect(() => parseYaml(text)).toThrow(message)
})

test('an alias bomb is refused', () => {
  const levels = 'abcdefghi'.split('')
  const bomb = levels
    .map((level, i) => {
      const below = i === 0 ? '"lol"' : `*${levels[i - 1]}`
      return `${level}: &${level} [${Array.from({ length: 9 }, () => below).join(', ')}]`
    })
    .join('\n')
  expect(() => parseYaml(bomb)).toThrow(/refers to itself too often/)
})
