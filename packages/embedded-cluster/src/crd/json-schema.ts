/** The part of a custom resource's schema that is read here. It is data of a client: every field may be missing. */
import { isObject, type JsonObject } from '../registry/json.ts'

/** A schema node; read through the functions below. */
export type Schema = JsonObject

export function asSchema(value: unknown): Schema | undefined {
  return isObject(value) ? value : undefined
}

export function propertiesOf(schema: Schema): readonly (readonly [string, Schema])[] {
  const properties = schema['properties']
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, value]) =>
    isObject(value) ? [[name, value] as const] : [],
  )
}

export function propertyOf(schema: Schema, name: string): Schema | undefined {
  const properties = schema['properties']
  return isObject(properties) && Object.hasOwn(properties, name)
    ? asSchema(properties[name])
    : undefined
}

/** The schema of the values of a map; `true` means anything. */
export function valuesOf(schema: Schema): Schema | true | undefined {
  const values = schema['additionalProperties']
  return values === true ? true : asSchema(values)
}

export function itemsOf(schema: Schema): Schema | undefined {
  return asSchema(schema['items'])
}

export function keepsUnknown(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true
}

export function listTypeOf(schema: Schema): unknown {
  return schema['x-kubernetes-list-type']
}

export function listKeysOf(schema: Schema): readonly string[] {
  const keys = schema['x-kubernetes-list-map-keys']
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
}
