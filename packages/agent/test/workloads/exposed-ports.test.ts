import type { RemoteAppSpec } from '@porpulsion/contract'
import { Pod } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { isReady, NAMESPACE, twoClusters, type Agent, type TwoClusters } from './two-clusters.ts'

const withPort = (expose?: boolean): Partial<RemoteAppSpec> => ({
  ports: [{ port: 8080, name: 'http', ...(expose !== undefined && { expose }) }],
})

/** What the host has of it: the records, as they were written last, and the pods. */
async function atHost({ a, b, namespaceAtB }: TwoClusters): Promise<unknown> {
  const records = await b.hosted(a)
  const { items } = await b.client.list(Pod, { namespace: namespaceAtB })
  return {
    specs: records.map(({ metadata, spec }) => [metadata.generation, spec]),
    pods: items.map(({ metadata }) => metadata.uid),
  }
}

const untilSeen = async (a: Agent, generation: number | undefined): Promise<void> => {
  await a.until((status) => isReady(status) && status.observedGeneration === generation)
}

test('exposing a port is nothing to the host: no spec travels, and no pod is replaced', async () => {
  const clusters = await twoClusters()
  const { a } = clusters
  await a.apply(withPort())
  await a.until(isReady)
  const before = await atHost(clusters)
  for (const expose of [true, false]) {
    const { metadata } = await a.apply(withPort(expose))
    await untilSeen(a, metadata.generation)
    expect(await atHost(clusters)).toEqual(before)
  }
  expect(JSON.stringify(before)).not.toContain('expose')
})

test('a change the host need not know of is seen as done by an agent that has restarted, too', async () => {
  const clusters = await twoClusters()
  const { a } = clusters
  await a.apply(withPort())
  await a.until(isReady)
  await a.stop()
  await a.start()
  const running = await a.apply(withPort(true))
  await untilSeen(a, running.metadata.generation)
  await a.stop()
  const meanwhile = await a.apply(withPort(false))
  await a.start()
  await untilSeen(a, meanwhile.metadata.generation)
})

test('a UDP port cannot be exposed', async () => {
  const { a } = await twoClusters()
  await expect(
    a.client.create(RemoteAppKind, {
      apiVersion: 'porpulsion.io/v1alpha1',
      kind: 'RemoteApp',
      metadata: { name: 'dns', namespace: NAMESPACE },
      spec: {
        targetPeer: 'b',
        image: 'porpulsion/hello',
        ports: [{ port: 53, protocol: 'UDP', expose: true }],
      },
    }),
  ).rejects.toThrow('only TCP ports can be exposed')
})
