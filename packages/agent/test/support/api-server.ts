/**
 * The API server of a test: an embedded one of its own; or, with PORPULSION_TEST_KUBECONFIG, the one of that file, which
 * may be a bare one without controllers, in a namespace of its own.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { customResourceDefinitions } from '@porpulsion/contract'
import { startEmbeddedCluster } from '@porpulsion/embedded-cluster'
import {
  connectionFromKubeconfig,
  CustomResourceDefinition,
  isConditionTrue,
  KubeClient,
  Namespace,
  type Applied,
} from '@porpulsion/kube'
import { onTestFinished, vi } from 'vitest'

export interface TestApiServer {
  readonly client: KubeClient
  /** YAML of a kubeconfig. */
  readonly kubeconfig: string
  /** For this test alone. */
  readonly namespace: string
  /** As when a cluster goes away; undefined where it is not the test's to stop. */
  readonly stop: (() => Promise<void>) | undefined
}

const givenFile = process.env['PORPULSION_TEST_KUBECONFIG']

export async function anApiServer({ withDefinitions = true } = {}): Promise<TestApiServer> {
  const server = givenFile === undefined ? await embedded() : await given(givenFile)
  const client = new KubeClient(await connectionFromKubeconfig(server.kubeconfig, server.folder), {
    fieldManager: 'porpulsion',
  })
  onTestFinished(async () => {
    await client.close()
    await server.stop?.()
  })
  const namespace = `porpulsion-test-${randomUUID().slice(0, 8)}`
  await client.create(Namespace, { metadata: { name: namespace } })
  onTestFinished(async () => {
    if (givenFile !== undefined) await client.delete(Namespace, { name: namespace })
  })
  if (withDefinitions) await define(client)
  return { client, kubeconfig: server.kubeconfig, namespace, stop: server.stop }
}

interface Server {
  readonly kubeconfig: string
  /** What is relative in the kubeconfig is relative to it. */
  readonly folder: string
  readonly stop: (() => Promise<void>) | undefined
}

async function embedded(): Promise<Server> {
  const cluster = await startEmbeddedCluster({ tls: false, workloads: false })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= cluster.stop())
  return { kubeconfig: cluster.kubeconfig(), folder: '/', stop }
}

const given = async (file: string): Promise<Server> => ({
  kubeconfig: await readFile(file, 'utf8'),
  folder: dirname(file),
  stop: undefined,
})

async function define(client: KubeClient): Promise<void> {
  for (const definition of customResourceDefinitions()) {
    // The contract writes the same shape in looser types.
    const applied = definition as unknown as Applied<CustomResourceDefinition>
    await client.apply(CustomResourceDefinition, applied, { force: true })
    await vi.waitFor(async () => {
      const { status } = await client.get(CustomResourceDefinition, applied.metadata)
      if (!isConditionTrue(status?.conditions ?? [], 'Established'))
        throw new Error(`${applied.metadata.name} is not established`)
    })
  }
}
