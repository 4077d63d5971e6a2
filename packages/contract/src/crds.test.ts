import { expect, test } from 'vitest'
import { customResourceDefinitions } from './crds.ts'

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an API server demands of a structural schema. */
function violations(schema: Node, path: string): string[] {
  const found: string[] = []
  if (typeof schema['type'] !== 'string') found.push(`${path}: no type`)
  if (schema['properties'] !== undefined && schema['additionalProperties'] !== undefined) {
    found.push(`${path}: properties beside additionalProperties`)
  }
  if (schema['type'] === 'array' && !isNode(schema['items']))
    found.push(`${path}: array without items`)
  for (const key of ['anyOf', 'oneOf', 'allOf', 'const', '$ref', '$id']) {
    if (key in schema) found.push(`${path}: ${key}`)
  }
  const children = isNode(schema['properties']) ? schema['properties'] : {}
  for (const [name, child] of Object.entries(children)) {
    if (isNode(child) && path + name !== 'metadata')
      found.push(...violations(child, `${path}.${name}`))
  }
  for (const key of ['items', 'additionalProperties']) {
    if (isNode(schema[key])) found.push(...violations(schema[key], `${path}.${key}`))
  }
  return found
}

function schemaOf(crd: ReturnType<typeof customResourceDefinitions>[number]): Node {
  const [version] = crd.spec['versions'] as [{ schema: { openAPIV3Schema: Node } }]
  return version.schema.openAPIV3Schema
}

test.each(customResourceDefinitions().map((crd) => [crd.metadata.name, crd] as const))(
  '%s has a structural schema',
  (_name, crd) => {
    expect(violations(schemaOf(crd), '')).toEqual([])
  },
)

test('every field a user writes has its bounds in the CRD, so that kubectl apply is checked like the API', () => {
  const [remoteApp] = customResourceDefinitions()
  const text = JSON.stringify(remoteApp === undefined ? '' : schemaOf(remoteApp))
  expect(text).toContain('"maximum":65535')
  expect(text).toContain('"enum":["Always","IfNotPresent","Never"]')
})
