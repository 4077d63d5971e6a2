/** Fills in the defaults of a schema, in place. */
import { clone, isObject, setOwn } from '../registry/json.ts'
import { itemsOf, propertiesOf, propertyOf, type Schema, valuesOf } from './json-schema.ts'

export function applySchemaDefaults(value: unknown, schema: Schema): void {
  if (isObject(value)) {
    for (const [name, property] of propertiesOf(schema)) {
      const fallback = property['default']
      const isUnset =
        value[name] === undefined || (value[name] === null && property['nullable'] !== true)
      if (fallback !== undefined && isUnset) setOwn(value, name, clone(fallback))
      applySchemaDefaults(value[name], property)
    }
    const values = valuesOf(schema)
    if (values === undefined || values === true) return
    for (const [name, member] of Object.entries(value)) {
      if (propertyOf(schema, name) === undefined) applySchemaDefaults(member, values)
    }
  } else if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items !== undefined) for (const item of value) applySchemaDefaults(item, items)
  }
}
