import { endpointTable } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { byTag, exampleBody, isTryable, matching, operations, paramNames } from './operations.ts'
import { schemaLines, typeOf } from './schema-lines.ts'

test('everything the API can do is listed, under its tag', () => {
  expect(operations.map(({ name }) => name)).toEqual(Object.keys(endpointTable))
  expect([...byTag(operations).values()].flat()).toHaveLength(operations.length)
})

test('every word of a search must be found', () => {
  expect(matching('post approve').map(({ name }) => name)).toContain('approve')
  expect(matching('post approve').map(({ name }) => name)).not.toContain('listApprovals')
  expect(matching('no such thing at all')).toEqual([])
})

test('only what changes nothing, and ends, can be tried', () => {
  const tryable = operations.filter(({ endpoint }) => isTryable(endpoint)).map(({ name }) => name)
  expect(tryable).toContain('listPeers')
  for (const name of [
    'streamEvents',
    'streamRemoteAppLogs',
    'execRemoteApp',
    'approve',
    'previewSettings',
  ])
    expect(tryable).not.toContain(name)
})

test('a body is read field by field, lists by what is in them', () => {
  const lines = schemaLines(endpointTable.putSettings.body)
  expect(lines.find(({ id }) => id === '.images.allow')).toMatchObject({
    depth: 1,
    name: 'allow',
    type: 'string[]',
    isRequired: false,
  })
  const list = schemaLines(endpointTable.listViolations.response).map(({ id }) => id)
  expect(list).toContain('.items.objections.reason')
})

test.each([
  [{ enum: ['a', 'b'] }, '"a" | "b"'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, '("a" | "b")[]'],
  [{ anyOf: [{ const: '' }, { type: 'string' }] }, '"" | string'],
  [{ type: 'string', format: 'date-time' }, 'time'],
  [undefined, 'any'],
])('%j is a %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type)
})

test('an example says what must be said, and no more', () => {
  expect(exampleBody(endpointTable.scaleRemoteApp.body)).toEqual({ replicas: 0 })
  expect(exampleBody(endpointTable.createToken.body)).toEqual({ name: '…' })
})

test('the parameters of a path are named in it', () => {
  expect(paramNames('/api/user/:name/login-link')).toEqual(['name'])
})
