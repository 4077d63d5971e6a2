import { RemoteAppManifest } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { jsonSchema } from './json-schema.ts'
import { markersOf } from './field-markers.ts'

const marked = (text: string, path: string, message: string) =>
  markersOf(text, [{ path, message }], jsonSchema(RemoteAppManifest)).map(
    ({ from, to, ...marker }) => ({
      at: text.slice(from, to),
      says: marker.message,
      offers: marker.actions?.map(({ name }) => name),
    }),
  )

test('a wrong field is marked at its key', () => {
  expect(marked('spec:\n  replicas: x\n', 'spec.replicas', 'must be integer')).toEqual([
    { at: 'replicas', says: 'spec.replicas: must be integer', offers: undefined },
  ])
})

test('a field that nobody knows offers the one that was meant', () => {
  const text = 'spec:\n  ports:\n    - prt: 80\n'
  expect(marked(text, 'spec.ports[0].prt', 'unknown field; remove it')).toEqual([
    {
      at: 'prt',
      says: 'spec.ports[0].prt: did you mean port?',
      offers: ['Change to port'],
    },
  ])
})

test('a text that is no YAML is marked where it breaks, and nothing else is said of it', () => {
  const text = 'spec: [\n'
  const [marker, ...others] = markersOf(text, [{ path: 'spec', message: 'is required' }], undefined)
  expect(marker?.message).toMatch(/flow|\]/i)
  expect(others).toEqual([])
})
