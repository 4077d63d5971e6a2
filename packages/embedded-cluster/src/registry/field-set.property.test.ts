import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BuiltinShapes } from './builtin-shapes.ts'
import {
  changedFields,
  difference,
  type FieldSet,
  fieldsOf,
  intersection,
  union,
  withinValue,
} from './field-set.ts'

/** The naive twin: a set of paths, one string per owned field. */
function members(set: FieldSet, prefix = ''): Set<string> {
  const found = new Set<string>()
  for (const [element, below] of Object.entries(set)) {
    if (element === '.') continue
    const path = `${prefix}/${element}`
    const inner = below as FieldSet
    if (Object.keys(inner).length === 0 || Object.hasOwn(inner, '.')) found.add(path)
    for (const member of members(inner, path)) found.add(member)
  }
  return found
}

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}')
const { set: fieldSet } = fc.letrec<{ set: FieldSet; node: FieldSet }>((tie) => ({
  set: fc.dictionary(element, tie('node'), { maxKeys: 3 }),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<FieldSet>({}),
    fc
      .tuple(fc.boolean(), fc.dictionary(element, tie('node'), { minKeys: 1, maxKeys: 3 }))
      .map(([self, below]): FieldSet => (self ? { '.': {}, ...below } : below)),
  ),
}))

const sorted = (paths: Iterable<string>): string[] => [...paths].sort()

test('union, difference and intersection are those of plain sets of paths', () => {
  fc.assert(
    fc.property(fieldSet, fieldSet, (a, b) => {
      const [left, right] = [members(a), members(b)]
      expect(sorted(members(union(a, b)))).toEqual(sorted(new Set([...left, ...right])))
      expect(sorted(members(difference(a, b)))).toEqual(
        sorted([...left].filter((path) => !right.has(path))),
      )
      expect(sorted(members(intersection(a, b)))).toEqual(
        sorted([...left].filter((path) => right.has(path))),
      )
    }),
  )
})

const name = fc.constantFrom('a', 'b', 'c')
const aPodSpec = fc.record(
  {
    containers: fc.uniqueArray(
      fc.record({ name, image: fc.string({ maxLength: 2 }) }, { requiredKeys: ['name'] }),
      { selector: (container) => container.name, maxLength: 3 },
    ),
    nodeSelector: fc.dictionary(name, name, { maxKeys: 2 }),
    restartPolicy: fc.constantFrom('Always', 'Never'),
  },
  { requiredKeys: [] },
)
const shape = new BuiltinShapes().of('core.PodSpec')

test('what changed is among what is there, and nothing changes between equal values', () => {
  fc.assert(
    fc.property(aPodSpec, aPodSpec, (before, after) => {
      const changed = changedFields(before, after, shape)
      expect(sorted(members(withinValue(changed, after, shape)))).toEqual(sorted(members(changed)))
      expect(changedFields(after, structuredClone(after), shape)).toEqual({})
    }),
  )
})

test('everything in a new value has changed', () => {
  fc.assert(
    fc.property(aPodSpec, (value) => {
      expect(sorted(members(changedFields({}, value, shape)))).toEqual(
        sorted(members(fieldsOf(value, shape))),
      )
    }),
  )
})
