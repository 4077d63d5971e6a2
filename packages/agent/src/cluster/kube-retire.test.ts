import { FINALIZER } from '@porpulsion/contract'
import {
  CustomResourceDefinition,
  Deployment,
  ownerReference,
  Pod,
  resourceKind,
  Service,
  systemClock,
  type KubeClient,
  type KubeObject,
} from '@porpulsion/kube'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { retireAgent } from './kube-retire.ts'

let namespace: string
const { signal } = new AbortController()
const kindOf = (kind: string, plural: string) =>
  resourceKind<KubeObject>({
    group: 'porpulsion.io',
    version: 'v1alpha1',
    plural,
    kind,
    namespaced: true,
  })
const PeerKind = kindOf('Peer', 'peers')
const labels = { app: 'agent' }
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'agent', image: 'porpulsion/ticker' }] },
}

async function aCluster(options?: Parameters<typeof anApiServer>[0]): Promise<KubeClient> {
  const { client, ...server } = await anApiServer(options)
  namespace = server.namespace
  await client.create(Deployment, {
    metadata: { name: 'agent', namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  })
  return client
}

async function aPeer(client: KubeClient, name: string, finalizers: string[]): Promise<void> {
  const spec = { caCertificate: 'x'.repeat(100), url: 'https://b.example', confirmed: true }
  await client.create(PeerKind, { metadata: { name, namespace, finalizers }, spec } as KubeObject)
}

test('the agent is stopped, and only its own hold on what it made is taken off', async () => {
  const client = await aCluster()
  await aPeer(client, 'b', [FINALIZER, 'example.com/other'])
  await aPeer(client, 'c', [])
  const options = { namespace, deployment: 'agent' }
  const { released } = await retireAgent({ client, clock: systemClock }, options, signal)

  expect(released).toEqual([
    { kind: 'RemoteApp', count: 0 },
    { kind: 'ExecutingApp', count: 0 },
    { kind: 'Peer', count: 1 },
  ])
  const peer = await client.get(PeerKind, { namespace, name: 'b' })
  expect(peer.metadata.finalizers).toEqual(['example.com/other'])
  const stopped = await client.get(Deployment, { namespace, name: 'agent' })
  expect(stopped.spec?.replicas).toBe(0)
})

test('an agent that does not end would put it all back, so nothing is taken off', async () => {
  const client = await aCluster()
  await aPeer(client, 'b', [FINALIZER])
  await client.create(Pod, {
    metadata: { name: 'agent-1', namespace, labels },
    spec: template.spec,
  })
  const clock = new FakeClock()
  const options = { namespace, deployment: 'agent' }
  const retiring = expect(retireAgent({ client, clock }, options, signal)).rejects.toMatchObject({
    code: 'AgentStillRuns',
    message: expect.stringContaining('agent-1') as string,
  })
  const ticking = setInterval(() => void clock.advance(10_000), 20)
  onTestFinished(() => clearInterval(ticking))
  await retiring
  const peer = await client.get(PeerKind, { namespace, name: 'b' })
  expect(peer.metadata.finalizers).toEqual([FINALIZER])
})

test('a cluster without our definitions has nothing to let go of', async ({ skip }) => {
  const client = await aCluster({ withDefinitions: false })
  const definition = { name: 'peers.porpulsion.io' }
  if ((await client.find(CustomResourceDefinition, definition)) !== undefined)
    return skip('this API server has our definitions already')
  const { released } = await retireAgent({ client, clock: systemClock }, { namespace }, signal)
  expect(released.map(({ count }) => count)).toEqual([0, 0, 0])
})

test('Services of exposed ports go, and none that only carries their label', async () => {
  const client = await aCluster()
  const RemoteAppKind = kindOf('RemoteApp', 'remoteapps')
  const app = await client.create(RemoteAppKind, {
    metadata: { name: 'db', namespace },
    spec: { targetPeer: 'b', image: 'porpulsion/hello' },
  } as KubeObject)
  const labels = { 'porpulsion.io/exposes': 'db' }
  const spec = { ports: [{ port: 5432 }] }
  for (const metadata of [
    { name: 'db', namespace, labels, ownerReferences: [ownerReference(app)] },
    { name: 'own', namespace, labels },
  ])
    await client.create(Service, { metadata, spec })
  const { removedServices } = await retireAgent(
    { client, clock: systemClock },
    { namespace },
    signal,
  )
  expect(removedServices).toBe(1)
  const { items } = await client.list(Service, { namespace })
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['own'])
})
