import { expect, test } from 'vitest'
import { aRegistry } from '../../../test/test-registry.ts'
import type { Kind } from '../registry.ts'

const metadata = { name: 'x', namespace: 'default' }

function kind(group: string, name: string, plural: string): Kind {
  return { group, version: 'v1', kind: name, plural, namespaced: true }
}

const NetworkPolicy = kind('networking.k8s.io', 'NetworkPolicy', 'networkpolicies')
const PodDisruptionBudget = kind('policy', 'PodDisruptionBudget', 'poddisruptionbudgets')

test.each([NetworkPolicy, PodDisruptionBudget])('$kind is kept under a proper name', async (of) => {
  const registry = await aRegistry()
  const object = { metadata, spec: { podSelector: {} } }
  await registry.create(of, object)
  expect(registry.get(of, metadata)).toMatchObject({ spec: { podSelector: {} } })
  const badly = { metadata: { ...metadata, name: 'Bad_Name' }, spec: {} }
  await expect(registry.create(of, badly)).rejects.toMatchObject({
    message: expect.stringContaining('metadata.name: Invalid value: "Bad_Name"') as string,
  })
})

test('a network policy says what it is about, and only that', async () => {
  const registry = await aRegistry()
  const isolating = { metadata, spec: { podSelector: {}, egress: [] } }
  expect(await registry.create(NetworkPolicy, isolating)).toMatchObject({
    spec: { policyTypes: ['Ingress', 'Egress'] },
  })
  const odd = { metadata: { ...metadata, name: 'odd' }, spec: { policyTypes: ['Sideways'] } }
  await expect(registry.create(NetworkPolicy, odd)).rejects.toMatchObject({
    message: expect.stringContaining(
      'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"',
    ) as string,
  })
})

test('a disruption budget has one bound', async () => {
  const registry = await aRegistry()
  const both = { metadata, spec: { minAvailable: 1, maxUnavailable: 1 } }
  await expect(registry.create(PodDisruptionBudget, both)).rejects.toMatchObject({
    message: expect.stringContaining(
      'minAvailable and maxUnavailable cannot be both set',
    ) as string,
  })
})
