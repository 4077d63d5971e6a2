import { expect, test } from 'vitest'
import { parseDocuments } from './manifests.ts'

test('numbers and words mean what they mean to kubectl', () => {
  const text = `
mode: 0644
time: 22:22
date: 2026-01-01
answer: yes
version: "1.10"
merged: {<<: {a: 1}, b: 2}
`
  expect(parseDocuments(text, 'x')).toEqual([
    {
      mode: 420,
      time: '22:22',
      date: '2026-01-01',
      answer: true,
      version: '1.10',
      merged: { a: 1, b: 2 },
    },
  ])
})

test('several documents, empty ones left out, Lists opened', () => {
  const text = `---
a: 1
---
---
apiVersion: v1
kind: List
items: [{b: 2}, {c: 3}]
`
  expect(parseDocuments(text, 'x')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
})

test('JSON is YAML too', () => {
  expect(parseDocuments('{"a": [1, 2]}', 'x')).toEqual([{ a: [1, 2] }])
})

test('what cannot be read names the file, the line and the column', () => {
  expect(() => parseDocuments('a: 1\nb: [', 'app.yaml')).toThrow(/app\.yaml: .*line 2/)
  expect(() => parseDocuments('a: 1\na: 2', 'app.yaml')).toThrow(
    /app\.yaml: Map keys must be unique/,
  )
})

test('an alias bomb is refused', () => {
  const levels = Array.from({ length: 12 }, (_, at) =>
    at === 0 ? 'a0: &a0 [x]' : `a${at}: &a${at} [${`*a${at - 1},`.repeat(10)}]`,
  )
  expect(() => parseDocuments(levels.join('\n'), 'bomb.yaml')).toThrow(/bomb\.yaml/)
})
