import { expect, test } from 'vitest'
import { allPlaces, placeOf, sections } from './fields.ts'
import { fieldSchema, generalPaths, peerPaths } from './field-schema.ts'

test('every rule of the schema has one place in the form, and nothing else has', () => {
  expect(generalPaths.length).toBeGreaterThan(30)
  expect(allPlaces.map(({ path }) => path).sort()).toEqual([...generalPaths].sort())
})

test('what may be said for one peer is part of the same form', () => {
  expect(generalPaths).toEqual(expect.arrayContaining([...peerPaths]))
  expect(peerPaths.has('peering.autoConfirm')).toBe(false)
})

test.each(generalPaths.map((path) => [path]))('%s is explained', (path) => {
  expect(fieldSchema(path).description).toMatch(/\w{3}/)
})

test.each([
  ['images.allow', 'list'],
  ['approval.required', 'switch'],
  ['tunnels.mode', 'choice'],
  ['tunnels.approvalTtlSeconds', 'seconds'],
  ['totals.apps', 'count'],
  ['totals.cpu', 'quantity'],
  ['peering.outerCaFile', 'text'],
])('%s is entered as a %s', (path, kind) => {
  expect(fieldSchema(path).kind).toBe(kind)
})

test('a choice knows its words, and a number its bounds', () => {
  expect(fieldSchema('tunnels.mode').options).toEqual(['allow', 'approval', 'off'])
  expect(fieldSchema('tunnels.approvalTtlSeconds')).toMatchObject({ min: 60, max: 31_536_000 })
})

test('what endangers its owner says how', () => {
  const risky = allPlaces.filter(({ risk }) => risk !== undefined).map(({ path }) => path)
  expect(risky).toEqual([
    'tunnels.pathModeForBrowsers',
    'peering.autoConfirm',
    'peering.allowUntrustedIngress',
  ])
})

test('the override of a peer stands where the general rule stands', () => {
  expect(placeOf('peers.b.images.allow')?.label).toBe('Allowed images')
  expect(placeOf('images.allow')?.label).toBe('Allowed images')
  expect(placeOf('peers.b.nothing')).toBeUndefined()
})

test('sections have addresses of their own', () => {
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length)
})
