import { expect, test } from 'vitest'
import { MASK, secretPaths, stillMasked, textWithout, unmasked } from './secret-values.ts'

const text = `# mine
spec:
  image: x
  targetPeer: b
  secrets:
    - name: db
      mountPath: /db
      data:
        password: hunter2 # old
      binaryData: {key: aHVudGVyMg==}
  configMaps:
    - {name: web, mountPath: /w, data: {a: hunter2}}
`

test('values of secrets go, and nothing else', () => {
  expect(textWithout(text, '')).toBe(
    text.replace('password: hunter2', 'password: ""').replace('aHVudGVyMg==', '""'),
  )
})

test('a text that cannot be read is dropped as a whole: it might hold one', () => {
  expect(textWithout('spec:\n  secrets: [{data: {a: hunter2}', '')).toBe('')
})

test('what has been replaced already is not found again', () => {
  expect(secretPaths({ spec: { secrets: [{ data: { a: MASK, b: 'x' } }] } }, MASK)).toEqual([
    ['spec', 'secrets', 0, 'data', 'b'],
  ])
})

test('what was left masked stays what it is, what was typed anew is taken', () => {
  const secret = (data: Record<string, string>) => ({ name: 'db', mountPath: '/db', data })
  const current = { image: 'x', targetPeer: 'b', secrets: [secret({ a: '1', b: '2' })] }
  const edited = { ...current, secrets: [secret({ a: MASK, b: 'new', c: MASK })] }
  const spec = unmasked(edited, current)
  expect(spec.secrets).toEqual([secret({ a: '1', b: 'new', c: MASK })])
  expect(stillMasked(spec)).toEqual(['db/c'])
})
