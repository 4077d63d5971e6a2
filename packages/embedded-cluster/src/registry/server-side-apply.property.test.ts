import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BuiltinShapes } from './builtin-shapes.ts'
import { isObject, type JsonObject } from './json.ts'
import type { Writer } from './managed-fields.ts'
import type { Stored } from './registry.ts'
import type { Draft } from './resource.ts'
import { applyConfiguration } from './server-side-apply.ts'

const shape = new BuiltinShapes().of('core.Pod')
const name = fc.constantFrom('a', 'b', 'c')

function named(value: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject[]> {
  const item: fc.Arbitrary<JsonObject> = fc.record({ name, ...value }, { requiredKeys: ['name'] })
  return fc.uniqueArray(item, { selector: (one) => one['name'], maxLength: 3 })
}

const aPod: fc.Arbitrary<Draft> = fc
  .record(
    {
      labels: fc.dictionary(name, name, { maxKeys: 2 }),
      containers: named({
        image: fc.constantFrom('x', 'y'),
        args: fc.constantFrom(['1'], ['2', '3']),
        env: named({ value: name }),
        securityContext: fc.record({ runAsUser: fc.nat(3) }, { requiredKeys: [] }),
      }),
      nodeSelector: fc.dictionary(name, name, { minKeys: 1, maxKeys: 2 }),
      hostname: name,
    },
    { requiredKeys: [] },
  )
  .map(({ labels, ...spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...(labels !== undefined && { labels }) },
    spec,
  }))

function writer(manager: string): Writer {
  return { manager, apiVersion: 'v1', subresource: undefined, nowMs: 0 }
}

function apply(live: Draft | undefined, config: Draft, manager: string, force = false): Draft {
  const present = live as unknown as Stored | undefined // What an apply gives is what the next one finds.
  return applyConfiguration(present, config, shape, writer(manager), force)
}

/** Without ownership, empty collections and the order of keyed lists. */
function content(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(content)
    return value.every(isObject) ? items.sort((a, b) => order(a).localeCompare(order(b))) : items
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'managedFields')
    .map(([key, member]) => [key, content(member)] as const)
    .filter(([, member]) => !isEmpty(member))
  return Object.fromEntries(entries)
}

function order(item: unknown): string {
  return isObject(item) && typeof item['name'] === 'string' ? item['name'] : ''
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : isObject(value) && Object.keys(value).length === 0
}

test('the last configuration of a lone manager is what is there, whatever it applied before', () => {
  fc.assert(
    fc.property(aPod, aPod, (before, after) => {
      const result = apply(apply(undefined, before, 'one'), after, 'one')
      expect(content(result)).toEqual(content(after))
    }),
  )
})

test('applying the same again changes nothing', () => {
  fc.assert(
    fc.property(aPod, (config) => {
      const once = apply(undefined, config, 'one')
      expect(apply(once, config, 'one')).toEqual(once)
    }),
  )
})

test('once forced, a configuration is there in full, and its former owner no longer conflicts with itself', () => {
  fc.assert(
    fc.property(aPod, aPod, (one, two) => {
      const taken = apply(apply(undefined, one, 'one'), two, 'two', true)
      // What two wants stands; applying it again needs no force.
      expect(apply(taken, two, 'two')).toEqual(taken)
    }),
  )
})

test('what one manager stops applying stays if another applies it too', () => {
  fc.assert(
    fc.property(aPod, (config) => {
      const shared = apply(apply(undefined, config, 'one'), config, 'two')
      const nothing: Draft = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }
      expect(content(apply(shared, nothing, 'one'))).toEqual(content(config))
    }),
  )
})
