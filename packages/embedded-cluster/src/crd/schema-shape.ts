/** From the schema of a custom resource to the shape that decoding, merging and apply work with. */
import {
  anyShape,
  atomicList,
  type ListMerge,
  type ObjectShape,
  type ScalarType,
  type Shape,
} from '../registry/shape.ts'
import {
  itemsOf,
  keepsUnknown,
  listKeysOf,
  listTypeOf,
  propertiesOf,
  type Schema,
  valuesOf,
} from './json-schema.ts'

const scalarTypes: readonly ScalarType[] = ['string', 'integer', 'number', 'boolean']

/** The whole object: the schema says what is beside apiVersion, kind and metadata. */
export function customShape(schema: Schema, metadata: ObjectShape): Shape {
  const text: Shape = { kind: 'scalar', type: 'string' }
  const fixed = new Map<string, Shape>([
    ['apiVersion', text],
    ['kind', text],
    ['metadata', metadata],
  ])
  return objectOf(schema, fixed)
}

function shapeOf(schema: Schema): Shape {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { kind: 'scalar', type: 'int-or-string' }
  switch (schema['type']) {
    case 'object':
      return objectOrMap(schema)
    case 'array': {
      const items = itemsOf(schema)
      return {
        kind: 'list',
        items: items === undefined ? anyShape : shapeOf(items),
        merge: mergeOf(schema),
        patchKey: undefined,
        patchSet: false,
      }
    }
    default: {
      const type = scalarTypes.find((name) => name === schema['type'])
      return type === undefined ? anyShape : { kind: 'scalar', type }
    }
  }
}

function objectOrMap(schema: Schema): Shape {
  const hasProperties = propertiesOf(schema).length > 0
  const values = valuesOf(schema)
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  if (!hasProperties && values !== undefined) {
    return { kind: 'map', values: values === true ? anyShape : shapeOf(values), atomic }
  }
  if (!hasProperties && keepsUnknown(schema)) return anyShape
  return objectOf(schema, new Map())
}

function objectOf(schema: Schema, fixed: ReadonlyMap<string, Shape>): ObjectShape {
  const fields = new Map<string, Shape>(
    propertiesOf(schema).map(([name, property]) => [name, shapeOf(property)]),
  )
  for (const [name, shape] of fixed) fields.set(name, shape)
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return {
    kind: 'object',
    field: (name) => fields.get(name),
    fieldNames: [...fields.keys()],
    required: required.filter((name) => typeof name === 'string'),
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    open: keepsUnknown(schema) || schema['x-kubernetes-embedded-resource'] === true,
    typeName: undefined,
  }
}

function mergeOf(schema: Schema): ListMerge {
  switch (listTypeOf(schema)) {
    case 'set':
      return { kind: 'set' }
    case 'map':
      return { kind: 'map', keys: listKeysOf(schema), defaults: keyDefaults(schema) }
    default:
      return atomicList
  }
}

/** A key that may be left out has a default in its schema. */
function keyDefaults(schema: Schema): Readonly<Record<string, string>> {
  const items = itemsOf(schema)
  if (items === undefined) return {}
  const defaults = propertiesOf(items).flatMap(([name, property]) => {
    const value = property['default']
    return typeof value === 'string' ? [[name, value]] : []
  })
  return Object.fromEntries(defaults) as Record<string, string> // Pairs of strings, made above.
}
