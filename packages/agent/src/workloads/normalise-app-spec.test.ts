import { Value } from 'typebox/value'
import fc from 'fast-check'
import { AppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { normaliseAppSpec } from './normalise-app-spec.ts'
import { specHash } from './spec-hash.ts'

const hashOf = (spec: AppSpec): string => specHash({ name: 'web', spec: normaliseAppSpec(spec) })

test('defaults are written out', () => {
  expect(
    normaliseAppSpec({
      image: 'nginx',
      ports: [{ port: 80 }],
      readinessProbe: { httpGet: { port: 80 } },
    }),
  ).toEqual({
    image: 'nginx',
    replicas: 1,
    readyTimeoutSeconds: 300,
    ports: [{ name: 'port-80', port: 80, protocol: 'TCP' }],
    readinessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } },
  })
})

test('two ways to say the same are one', () => {
  const short = { image: 'nginx', ports: [{ port: 80 }] }
  const long = {
    ports: [{ protocol: 'TCP' as const, port: 80, name: 'port-80' }],
    env: [],
    labels: {},
    resources: {},
    replicas: 1,
    image: 'nginx',
  }
  expect(hashOf(long)).toBe(hashOf(short))
})

test.each<[string, AppSpec]>([
  [
    'a value of a secret',
    { image: 'x', secrets: [{ name: 's', mountPath: '/s', data: { k: '2' } }] },
  ],
  [
    'replicas',
    { image: 'x', replicas: 0, secrets: [{ name: 's', mountPath: '/s', data: { k: '1' } }] },
  ],
  ['the image', { image: 'y', secrets: [{ name: 's', mountPath: '/s', data: { k: '1' } }] }],
])('another %s is another app', (_what, spec) => {
  expect(hashOf(spec)).not.toBe(
    hashOf({ image: 'x', secrets: [{ name: 's', mountPath: '/s', data: { k: '1' } }] }),
  )
})

test('a restart is a change, and so is another name', () => {
  const spec = normaliseAppSpec({ image: 'x' })
  const hashes = [
    specHash({ name: 'web', spec }),
    specHash({ name: 'api', spec }),
    specHash({ name: 'web', restartedAt: '2030-01-01T00:00:00Z', spec }),
  ]
  expect(new Set(hashes).size).toBe(3)
})

const arbitrarySpec = fc.record(
  {
    image: fc.constantFrom('a', 'b:1'),
    replicas: fc.nat(5),
    env: fc.array(fc.record({ name: fc.constantFrom('A', 'B'), value: fc.string() }), {
      maxLength: 2,
    }),
    ports: fc.array(fc.record({ port: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }),
    readinessProbe: fc.record({ httpGet: fc.record({ port: fc.constant(80) }) }),
    labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y')),
    readyTimeoutSeconds: fc.integer({ min: 5, max: 600 }),
  },
  { requiredKeys: ['image'] },
)

test('normalising twice is normalising once, and what comes out fits the schema', () => {
  fc.assert(
    fc.property(arbitrarySpec, (spec) => {
      const once = normaliseAppSpec(spec)
      expect(normaliseAppSpec(once)).toEqual(once)
      expect(Value.Check(AppSpec, once)).toBe(true)
    }),
  )
})
