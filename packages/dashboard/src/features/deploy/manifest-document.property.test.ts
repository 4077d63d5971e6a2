import { RemoteAppSpec, schemaErrors } from '@porpulsion/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { jsonSchema, valuesOf, type JsonSchema } from '../../ui/code-editor/json-schema.ts'
import { valueAt, type FieldPath } from './field-path.ts'
import { exclusiveFields } from './form-schema.ts'
import { readText, withoutValue, withValue } from './manifest-document.ts'

const texts = fc.oneof(
  fc.constantFrom('yes', '0644', '22:22', '2026-01-01', '1e3', '', ' a ', 'a: b', '# no', '- x'),
  fc.string({ maxLength: 12 }),
  fc.constantFrom('line\nline\n', 'a very long line '.repeat(12).trim()),
)
const byPattern: Readonly<Record<string, readonly string[]>> = {
  '^/[^:]*$': ['/etc/app', '/data'],
  '^[-._a-zA-Z][-._a-zA-Z0-9]*$': ['A', 'yes', '_x'],
}

/** Any value that fits a schema, as far as a schema of ours goes. */
function valuesFor(schema: JsonSchema & { readonly pattern?: string }): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'string':
      if (schema.pattern !== undefined)
        return fc.constantFrom(
          ...(byPattern[schema.pattern] ??
            (schema.pattern.includes('Ki') ? ['1', '5e2', '1Gi'] : ['no', 'a1', '0'])),
        )
      return texts.filter(({ length }) => length > 0 && length <= (schema.maxLength ?? length))
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 99, 999) })
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(valuesFor(schema.items ?? {}), { minLength: 1, maxLength: 3 })
    default: {
      const values = valuesOf(schema)
      if (values !== undefined)
        return fc.dictionary(
          fc.constantFrom('a', 'on', '8080', 'a.b/c', 'x y'),
          valuesFor(values),
          {
            minKeys: 1,
            maxKeys: 3,
          },
        )
      return objectsFor(schema)
    }
  }
}

function objectsFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {})
  const exclusive = exclusiveFields(schema)
  const all = fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, valuesFor(field)])),
    { requiredKeys: [...(schema.required ?? []), ...exclusive] },
  )
  if (exclusive.length === 0) return all.filter((one) => Object.keys(one).length > 0)
  return fc
    .tuple(all, fc.constantFrom(...exclusive))
    .map(([one, kept]) =>
      Object.fromEntries(
        Object.entries(one).filter(([name]) => name === kept || !exclusive.includes(name)),
      ),
    )
}

const specs = valuesFor(jsonSchema(RemoteAppSpec))
const styles = fc.record({
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
  lineWidth: fc.constantFrom(0, 40),
})

function leavesOf(value: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, member]) =>
    leavesOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

function copyWith(value: unknown, path: FieldPath, leaf: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return leaf
  const next = copyWith(valueAt(value, [first]), rest, leaf)
  if (Array.isArray(value)) return value.with(Number(first), next)
  return { ...(value as object), [first]: next } // a path of leavesOf
}

test('specs made up at random are specs', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const found = schemaErrors(RemoteAppSpec, spec, 'spec')
      // Whether an environment variable has both is no matter of the schema.
      expect(found).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('an edit of one field keeps all others, however the manifest was written', () => {
  fc.assert(
    fc.property(specs, styles, fc.nat(), texts, (spec, style, pick, value) => {
      const manifest = { metadata: { name: 'web' }, spec }
      const text = stringify(manifest, { version: '1.1', ...style })
      const leaves = leavesOf(manifest)
      const path = leaves[pick % leaves.length] ?? []
      expect(readText(withValue(text, path, value))).toEqual({
        ok: true,
        value: copyWith(manifest, path, value),
      })
    }),
    { numRuns: 60 },
  )
})

test('a field that is taken out leaves the others', () => {
  fc.assert(
    fc.property(specs, styles, (spec, style) => {
      const manifest = { metadata: { name: 'web' }, spec }
      const text = stringify(manifest, { version: '1.1', ...style })
      const read = readText(withoutValue(text, ['spec', 'image'], 1))
      const { image: _image, ...rest } = spec as Record<string, unknown> // the schema is of a map
      expect(read).toEqual({ ok: true, value: { ...manifest, spec: rest } })
    }),
    { numRuns: 30 },
  )
})
