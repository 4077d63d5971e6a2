import { randomBytes } from 'node:crypto'
import { Annotation, Label, peerNamespace } from '@porpulsion/contract'
import { Namespace, PersistentVolumeClaim, RoleBinding } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { KubePeerNamespaces, type HostingOptions } from './kube-peer-namespaces.ts'

/** Of this test alone. */
let fingerprint: string
let name: string
const { signal } = new AbortController()
const rights = {
  clusterRole: 'porpulsion-host',
  serviceAccount: { namespace: 'porpulsion', name: 'porpulsion' },
}

async function namespacesOf(options: HostingOptions) {
  const { client } = await anApiServer({ withDefinitions: false })
  fingerprint = randomBytes(32).toString('hex')
  name = peerNamespace(fingerprint)
  return { client, namespaces: new KubePeerNamespaces(client, options) }
}

test('a namespace is made for the peer, and the agent binds its rights there to itself', async () => {
  const { client, namespaces } = await namespacesOf({ namespaces: 'managed', rights })
  expect(await namespaces.exists(fingerprint, signal)).toBe(false)
  expect(await namespaces.ensure(fingerprint, signal)).toBe(name)

  const { metadata } = await client.get(Namespace, { name })
  expect(metadata.annotations).toMatchObject({ [Annotation.PeerFingerprint]: fingerprint })
  expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'baseline' })
  const { items } = await client.list(RoleBinding, { namespace: name })
  expect(items).toMatchObject([
    {
      roleRef: { kind: 'ClusterRole', name: 'porpulsion-host' },
      subjects: [{ kind: 'ServiceAccount', name: 'porpulsion', namespace: 'porpulsion' }],
    },
  ])
})

test('the namespace of a peer whose fingerprint begins alike is nobody else’s', async () => {
  const { client, namespaces } = await namespacesOf({ namespaces: 'managed' })
  const annotations = {
    [Annotation.PeerFingerprint]: `${fingerprint.slice(0, 62)}${fingerprint.endsWith('00') ? 'ff' : '00'}`,
  }
  await client.create(Namespace, { metadata: { name, annotations } })
  await expect(namespaces.ensure(fingerprint, signal)).rejects.toMatchObject({
    code: 'ClusterRefused',
  })
})

test('where the owner makes them, the agent waits for it, and leaves it when the peer goes', async () => {
  const { client, namespaces } = await namespacesOf({ namespaces: 'precreated', rights })
  await expect(namespaces.ensure(fingerprint, signal)).rejects.toMatchObject({
    code: 'NamespaceMissing',
    message: expect.stringContaining(name) as string,
  })
  await client.create(Namespace, { metadata: { name } })
  expect(await namespaces.ensure(fingerprint, signal)).toBe(name)
  expect((await client.list(RoleBinding, { namespace: name })).items).toEqual([])
  expect(await namespaces.remove(fingerprint, signal)).toBe('kept')
  expect(await client.find(Namespace, { name })).toBeDefined()
})

test('claims that are to stay keep the namespace', async () => {
  const { client, namespaces } = await namespacesOf({ namespaces: 'managed' })
  await namespaces.ensure(fingerprint, signal)
  const claim = { name: 'data', namespace: name }
  await client.create(PersistentVolumeClaim, {
    metadata: { ...claim, labels: { [Label.Retained]: 'true' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  })
  expect(await namespaces.remove(fingerprint, signal)).toBe('kept')
  await client.patch(PersistentVolumeClaim, claim, {
    kind: 'merge',
    body: { metadata: { labels: { [Label.Retained]: null } } },
  })
  expect(await namespaces.remove(fingerprint, signal)).toBe('removed')
})
