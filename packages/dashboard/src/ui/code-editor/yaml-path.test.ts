import { expect, test } from 'vitest'
import { parentsOf, siblingsOf } from './yaml-path.ts'

const manifest = `spec:
  image: nginx
  ports:
  - port: 80
    name: http
  env:
    - name: A
      valueFrom:
        fieldRef:
          fieldPath: status.podIP
    - name: B
      va
  resources:
    limits:
      c
`.split('\n')
const lineOf = (text: string): number => manifest.findIndex((line) => line.includes(text))

test.each([
  ['image', 2, ['spec']],
  ['name: http', 4, ['spec', 'ports', '[]']],
  ['fieldPath', 10, ['spec', 'env', '[]', 'valueFrom', 'fieldRef']],
  ['      va', 6, ['spec', 'env', '[]']],
  ['      c', 6, ['spec', 'resources', 'limits']],
  ['spec', 0, []],
])('what %j stands in is read from its indentation', (text, column, path) => {
  expect(parentsOf(manifest, lineOf(text), column)).toEqual(path)
})

test('a list that is not indented belongs to the key above it', () => {
  expect(parentsOf(['a:', '- b: 1', '  c: 2'], 2, 2)).toEqual(['a', '[]'])
})

test('what a map has already is known, and what its neighbours have is not taken for it', () => {
  expect([...siblingsOf(manifest, lineOf('      va'), 6)]).toEqual(['name'])
  expect([...siblingsOf(manifest, lineOf('name: http'), 4)]).toEqual(['port'])
})
