import { RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { jsonSchema, valuesOf, type JsonSchema } from '../../ui/code-editor/json-schema.ts'
import { blankOf, defaultOf, exclusiveFields, kindOf, labelOf } from './form-schema.ts'
import { essentials, sections } from './form-sections.ts'

const specSchema = jsonSchema(RemoteAppSpec)

test('every field of a spec has one place in the form', () => {
  const placed = [...essentials, ...sections.flatMap(({ fields }) => fields)]
  expect(placed.toSorted()).toEqual(Object.keys(RemoteAppSpec.properties).toSorted())
})

test('every field at every depth is of a kind that the form shows', () => {
  expect(unshown('spec', specSchema)).toEqual([])
})

function unshown(path: string, schema: JsonSchema): string[] {
  const kind = kindOf(schema)
  if (kind === undefined) return [path]
  switch (kind.kind) {
    case 'list':
      return unshown(`${path}[]`, kind.item)
    case 'group':
    case 'oneOf':
      return Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
        unshown(`${path}.${name}`, field),
      )
    case 'map':
      return valuesOf(schema)?.type === 'string' ? [] : [path]
    default:
      return []
  }
}

test('a field that the form could not show is found out', () => {
  expect(unshown('spec', { type: 'object', properties: { a: { type: 'null' } } })).toEqual([
    'spec.a',
  ])
})

test('of which fields only one may be there is read off the rules', () => {
  const { readinessProbe, env } = specSchema.properties ?? {}
  expect(exclusiveFields(readinessProbe ?? {})).toEqual(['httpGet', 'tcpSocket', 'exec'])
  expect(exclusiveFields(env?.items ?? {})).toEqual(['value', 'valueFrom'])
})

test('a new row has what a row needs', () => {
  const { ports, configMaps } = specSchema.properties ?? {}
  expect(blankOf(ports?.items ?? {})).toEqual({ port: 1 })
  expect(blankOf(configMaps?.items ?? {})).toEqual({ name: '', mountPath: '' })
})

test.each([
  ['Time between probes. Default 10.', '10'],
  ['Default `/`.', '/'],
  ['Default TCP. Only TCP ports can be tunnelled.', 'TCP'],
  ['Name of the variable.', undefined],
])('the default of %j is %j', (description, value) => {
  expect(defaultOf({ description })).toBe(value)
})

test.each([
  ['readyTimeoutSeconds', 'Ready timeout (seconds)'],
  ['runAsNonRoot', 'Run as non root'],
  ['httpGet', 'HTTP request'],
])('%s is called %s', (name, label) => {
  expect(labelOf(name)).toBe(label)
})
