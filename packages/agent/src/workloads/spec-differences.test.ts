import type { AppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { specDifferences } from './spec-differences.ts'

const app: AppSpec = {
  image: 'nginx:1',
  env: [
    { name: 'A', value: 'a' },
    { name: 'B', value: 'b' },
  ],
}

test('of a new app every field is told', () => {
  expect(specDifferences(undefined, { image: 'nginx:1', replicas: 2 })).toEqual([
    { path: 'image', after: 'nginx:1' },
    { path: 'replicas', after: '2' },
  ])
})

test('things with names are compared by name, wherever they stand', () => {
  const env = [
    { name: 'C', value: 'c' },
    { name: 'B', value: 'b' },
    { name: 'A', value: 'x' },
  ]
  expect(specDifferences(app, { ...app, env })).toEqual([
    { path: 'env[A].value', before: 'a', after: 'x' },
    { path: 'env[C].name', after: 'C' },
    { path: 'env[C].value', after: 'c' },
  ])
})

test('what goes is told as well', () => {
  expect(
    specDifferences(app, { image: 'nginx:1' }).map(({ path, after }) => [path, after]),
  ).toEqual([
    ['env[A].name', undefined],
    ['env[A].value', undefined],
    ['env[B].name', undefined],
    ['env[B].value', undefined],
  ])
})

test.each<[string, (value: string) => Partial<AppSpec>]>([
  ['a secret', (key) => ({ secrets: [{ name: 's', mountPath: '/s', data: { key } }] })],
  [
    'a binary secret',
    (key) => ({ secrets: [{ name: 's', mountPath: '/s', binaryData: { key } }] }),
  ],
  ['a pull secret', (value) => ({ imagePullSecrets: [{ name: 's', dockerConfigJson: value }] })],
])('that %s changed is told, and neither value', (_what, fields) => {
  const differences = specDifferences(
    { ...app, ...fields('aHVudGVyMg==') },
    { ...app, ...fields('aHVudGVyMw==') },
  )
  expect(differences).toMatchObject([{ before: '(secret)', after: '(secret)' }])
  expect(JSON.stringify(differences)).not.toContain('aHVudGVy')
})

test('a change of thousands of fields is cut, and says so', () => {
  const args = Array.from({ length: 2_000 }, (_, index) => String(index))
  const differences = specDifferences(undefined, { image: 'x', args })
  expect(differences).toHaveLength(501)
  expect(differences.at(-1)).toEqual({ path: '…', after: 'and 1501 more' })
})
