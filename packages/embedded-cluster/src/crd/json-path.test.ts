import { expect, test } from 'vitest'
import { fieldsOfPath, parseJsonPath, readJsonPath } from './json-path.ts'

const app = {
  metadata: { annotations: { 'example.com/a': 'x' } },
  status: {
    phase: 'Ready',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
  },
}

test.each([
  ['.status.phase', ['Ready']],
  ['{.status.phase}', ['Ready']],
  ['.status.conditions[?(@.type=="Synced")].status', ['False']],
  [".status.conditions[?(@.type == 'Ready')].status", ['True']],
  ['.status.conditions[0].type', ['Ready']],
  ['.status.conditions[-1].type', ['Synced']],
  ['.status.conditions[*].type', ['Ready', 'Synced']],
  ['.metadata.annotations.example\\.com/a', ['x']],
  ["['metadata']['annotations']['example.com/a']", ['x']],
  ['.spec.nothing', []],
  ['.constructor', []],
])('%s leads to %j', (path, expected) => {
  expect(readJsonPath(app, parseJsonPath(path) ?? [])).toEqual(expected)
})

test('what is no path is refused, and only plain fields make a place to write to', () => {
  expect(parseJsonPath('.a[')).toBeUndefined()
  expect(parseJsonPath('status')).toBeUndefined()
  expect(fieldsOfPath('.spec.replicas')).toEqual(['spec', 'replicas'])
  expect(fieldsOfPath('.spec.list[0]')).toBeUndefined()
})
