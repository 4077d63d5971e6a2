import { randomBytes } from 'node:crypto'
import {
  Annotation,
  effectiveSettings,
  Label,
  peerNamespace,
  type SettingsDocument,
} from '@porpulsion/contract'
import {
  LimitRange,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  ResourceQuota,
  RoleBinding,
  ServiceAccount,
} from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { rulesFor } from '../policy/index.ts'
import { KubePeerNamespaces, type HostingOptions } from './kube-peer-namespaces.ts'

/** Of this test alone. */
let fingerprint: string
let name: string
const { signal } = new AbortController()
const rights = {
  clusterRole: 'porpulsion-host',
  serviceAccount: { namespace: 'porpulsion', name: 'porpulsion' },
}

async function namespacesOf(options: HostingOptions, settings: SettingsDocument = {}) {
  const { client } = await anApiServer({ withDefinitions: false })
  fingerprint = randomBytes(32).toString('hex')
  name = peerNamespace(fingerprint)
  const rules = { current: settings }
  const namespaces = new KubePeerNamespaces(client, options, {
    agentNamespace: 'porpulsion',
    rulesOf: () => rulesFor(effectiveSettings(rules.current), 'b'),
  })
  return { client, namespaces, rules }
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
  const { client, namespaces } = await namespacesOf(
    { namespaces: 'managed' },
    {
      storage: { enabled: true },
    },
  )
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

test('Kubernetes enforces the rules of the peer beside us, as they are now', async () => {
  const { client, namespaces, rules } = await namespacesOf(
    { namespaces: 'managed' },
    {
      resources: { maxPerPod: { cpu: '2' }, defaults: { limits: { memory: '256Mi' } } },
      storage: { enabled: true, maxPerClaim: '1Gi' },
      pods: { securityLevel: 'restricted' },
      peers: { b: { totals: { apps: 3, pods: 5, cpu: '4', storage: '5Gi' } } },
    },
  )
  await namespaces.ensure(fingerprint, signal)
  const at = { namespace: name, name: 'porpulsion' }
  expect((await client.get(ResourceQuota, at)).spec?.hard).toEqual({
    'services.nodeports': '0',
    'services.loadbalancers': '0',
    'count/deployments.apps': '3',
    pods: '5',
    'limits.cpu': '4',
    'requests.storage': '5Gi',
  })
  expect((await client.get(LimitRange, at)).spec?.limits).toMatchObject([
    { type: 'Container', default: { memory: '256Mi' } },
    { type: 'Pod', max: { cpu: '2' } },
    { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
  ])
  const label = async () =>
    (await client.get(Namespace, { name })).metadata.labels?.['pod-security.kubernetes.io/enforce']
  expect(await label()).toBe('restricted')

  rules.current = {}
  await namespaces.guardIfThere(fingerprint, signal)
  expect((await client.get(ResourceQuota, at)).spec?.hard).toEqual({
    'services.nodeports': '0',
    'services.loadbalancers': '0',
    persistentvolumeclaims: '0',
  })
  expect((await client.list(LimitRange, { namespace: name })).items).toEqual([])
  expect(await label()).toBe('baseline')
})

test('pods of peers have no token, and reach neither nodes nor the cluster', async () => {
  const { client, namespaces, rules } = await namespacesOf({ namespaces: 'managed' })
  await namespaces.ensure(fingerprint, signal)
  const account = await client.get(ServiceAccount, { namespace: name, name: 'porpulsion-app' })
  expect(account.automountServiceAccountToken).toBe(false)

  const policy = async () =>
    (await client.get(NetworkPolicy, { namespace: name, name: 'porpulsion' })).spec
  const fromAgent = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'porpulsion' } },
  }
  const open = await policy()
  expect(open?.policyTypes).toEqual(['Ingress', 'Egress'])
  expect(open?.ingress).toEqual([{ from: [{ podSelector: {} }, fromAgent] }])
  const closed = (open?.egress ?? []).flatMap(({ to = [] }) =>
    to.flatMap(({ ipBlock }) => ipBlock?.except ?? []),
  )
  for (const range of ['10.0.0.0/8', '169.254.0.0/16', '192.168.0.0/16', 'fc00::/7'])
    expect(closed).toContain(range)

  rules.current = { pods: { allowSamePeer: false, egressCIDRs: ['10.9.0.0/16'] } }
  await namespaces.guardIfThere(fingerprint, signal)
  const own = await policy()
  expect(own?.ingress).toEqual([{ from: [fromAgent] }])
  expect(own?.egress?.flatMap(({ to = [] }) => to)).toContainEqual({
    ipBlock: { cidr: '10.9.0.0/16' },
  })
})

test('a peer without a namespace is given none by a change of the rules', async () => {
  const { client, namespaces } = await namespacesOf({ namespaces: 'managed' })
  await namespaces.guardIfThere(fingerprint, signal)
  expect(await client.find(Namespace, { name })).toBeUndefined()
})
