import { PorpulsionError, type RemoteApp, type RemoteAppManifest } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { MASK } from '../deploy/secret-values.ts'
import { applySpec, type ApplySpecDeps } from './apply-spec.ts'

const app = (generation: number, resourceVersion: string): RemoteApp => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', generation, resourceVersion },
  spec: {
    image: 'nginx',
    targetPeer: 'b',
    secrets: [{ name: 'db', mountPath: '/db', data: { password: 'hunter2' } }],
  },
})
const edited: RemoteAppManifest = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    image: 'nginx:2',
    targetPeer: 'b',
    secrets: [{ name: 'db', mountPath: '/db', data: { password: MASK } }],
  },
}

/** An agent that has these, one after the other, as it is read. */
function agentWith(...versions: RemoteApp[]) {
  const written: RemoteAppManifest[] = []
  let current = versions[0]
  const call = ((_endpoint: unknown, { body }: { body?: RemoteAppManifest }) => {
    if (body === undefined) {
      current = versions.shift() ?? current
      return Promise.resolve(current)
    }
    const newest = versions[0] ?? current
    if (body.metadata.resourceVersion !== newest?.metadata.resourceVersion)
      return Promise.reject(new PorpulsionError('Conflict', 'AppChanged', 'changed'))
    written.push(body)
    return Promise.resolve({ ...newest, spec: body.spec })
  }) as unknown as ApplySpecDeps['call'] // answers what these two endpoints do
  return { deps: { call }, written }
}

test('what is masked stays what it is', async () => {
  const { deps, written } = agentWith(app(3, '7'))
  await applySpec(deps, app(3, '5'), edited)
  expect(written[0]?.spec.secrets?.[0]?.data).toEqual({ password: 'hunter2' })
  expect(written[0]?.metadata.resourceVersion).toBe('7')
})

test('a status that is written in between is no conflict', async () => {
  const { deps, written } = agentWith(app(3, '7'), app(3, '8'))
  await applySpec(deps, app(3, '5'), edited)
  expect(written[0]?.metadata.resourceVersion).toBe('8')
})

test('a spec that somebody else changed is one, and nothing is written', async () => {
  const { deps, written } = agentWith(app(4, '7'))
  await expect(applySpec(deps, app(3, '5'), edited)).rejects.toMatchObject({ code: 'AppChanged' })
  expect(written).toEqual([])
})

test('a new file of a secret needs a value', async () => {
  const { deps } = agentWith(app(3, '7'))
  const secrets = [{ name: 'db', mountPath: '/db', data: { other: MASK } }]
  await expect(
    applySpec(deps, app(3, '7'), { ...edited, spec: { ...edited.spec, secrets } }),
  ).rejects.toMatchObject({ fields: [{ path: 'spec.secrets (db/other)' }] })
})
