import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from 'kubernetes-types/core/v1.js'
import { expect, onTestFinished, test } from 'vitest'
import { type EmbeddedCluster, startEmbeddedCluster } from '../src/index.ts'
import { Kinds } from '../src/registry/kinds.ts'
import type { Stored } from '../src/registry/registry.ts'
import { aClaim, aPod, inDefault, mounting } from './support/builders.ts'
import { tempDir } from './support/temp-dir.ts'
import { until, untilAll, untilGone } from './support/watching.ts'

async function aCluster(dir?: string): Promise<EmbeddedCluster> {
  const cluster = await startEmbeddedCluster({
    tls: false,
    runtime: { podsAtStop: 'kill', restartBackoff: { baseMs: 20, maxMs: 200 } },
    ...(dir !== undefined && { dir }),
  })
  onTestFinished(() => cluster.stop())
  return cluster
}

const isReady = ({ status }: Stored<Pod>): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
const unscheduled = ({ status }: Stored<Pod>): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message

function aPodWith(claim: string, name = 'web'): Pod {
  const { container, spec } = mounting(claim)
  return aPod(name, container, { ...spec, terminationGracePeriodSeconds: 1 })
}

async function served(pod: Stored<Pod>, path: string): Promise<string> {
  return (await fetch(`http://${pod.status?.podIP ?? ''}:8080/files${path}`)).text()
}

/** Where the data of a claim is on this machine. */
function directoryOf({ registry }: EmbeddedCluster, dir: string, claim: string): string {
  const { spec } = registry.get(Kinds.PersistentVolumeClaim, inDefault(claim)) ?? {}
  return join(dir, 'volumes', spec?.volumeName ?? '')
}

test('what a pod keeps in its claim is there for the next pod, and after a restart of the cluster', async () => {
  const dir = tempDir()
  const first = await aCluster(dir)
  const { registry } = first
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data'))
  await registry.create(Kinds.Pod, aPodWith('data'))
  const pod = await until(registry, Kinds.Pod, inDefault('web'), isReady)
  writeFileSync(join(directoryOf(first, dir, 'data'), 'note'), 'kept')
  expect(await served(pod, '/data/note')).toBe('kept')
  await registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(registry, Kinds.Pod, inDefault('web'))
  await first.stop()

  const second = await aCluster(dir)
  await second.registry.create(Kinds.Pod, aPodWith('data', 'next'))
  const next = await until(second.registry, Kinds.Pod, inDefault('next'), isReady)
  expect(await served(next, '/data/note')).toBe('kept')
  expect(readFileSync(join(directoryOf(second, dir, 'data'), 'note'), 'utf8')).toBe('kept')
})

test('a pod waits for its claim, says what it waits for, and runs once it is bound', async () => {
  const { registry } = await aCluster()
  await registry.create(Kinds.Pod, aPodWith('data'))
  const missing = await until(registry, Kinds.Pod, inDefault('web'), (pod) => {
    return unscheduled(pod) !== undefined
  })
  expect(missing.status?.phase).toBe('Pending')
  expect(unscheduled(missing)).toBe(
    '0/1 nodes are available: persistentvolumeclaim "data" not found.',
  )
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data', { storageClassName: 'fast' }))
  await until(registry, Kinds.Pod, inDefault('web'), (pod) => {
    const message = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'
    return unscheduled(pod) === message
  })
  await registry.create(Kinds.StorageClass, {
    metadata: { name: 'fast' },
    provisioner: 'porpulsion.io/directory',
  })
  await until(registry, Kinds.Pod, inDefault('web'), isReady)
})

test('a volume of a kind that is not here is not mounted, and the pod says why', async () => {
  const { registry } = await aCluster()
  await registry.create(Kinds.PersistentVolume, {
    metadata: { name: 'host' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/etc' },
    },
  })
  const claim = aClaim('data', { storageClassName: '', volumeName: 'host' })
  await registry.create(Kinds.PersistentVolumeClaim, claim)
  await registry.create(Kinds.Pod, aPodWith('data'))
  const events = await untilAll(registry, Kinds.Event, 'default', (all) =>
    all.some(({ reason }) => reason === 'FailedMount'),
  )
  expect(events.find(({ reason }) => reason === 'FailedMount')?.message).toContain(
    'persistent volume "host" is none that the embedded cluster can mount',
  )
})

test('one pod at a time has a claim that is for a single pod', async () => {
  const { registry } = await aCluster()
  const claim = aClaim('data', { accessModes: ['ReadWriteOncePod'] })
  await registry.create(Kinds.PersistentVolumeClaim, claim)
  await registry.create(Kinds.Pod, aPodWith('data', 'first'))
  await until(registry, Kinds.Pod, inDefault('first'), isReady)
  await registry.create(Kinds.Pod, aPodWith('data', 'second'))
  await until(registry, Kinds.Pod, inDefault('second'), (pod) => {
    return unscheduled(pod)?.includes('ReadWriteOncePod access mode') === true
  })
  await registry.delete(Kinds.Pod, inDefault('first'))
  await until(registry, Kinds.Pod, inDefault('second'), isReady)
})

test('a claim that is being deleted takes no new pod, and goes with the one that has it', async () => {
  const { registry } = await aCluster()
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data'))
  await registry.create(Kinds.Pod, aPodWith('data', 'first'))
  await until(registry, Kinds.Pod, inDefault('first'), isReady)
  await registry.delete(Kinds.PersistentVolumeClaim, inDefault('data'))
  await registry.create(Kinds.Pod, aPodWith('data', 'second'))
  await until(registry, Kinds.Pod, inDefault('second'), (pod) => {
    return unscheduled(pod)?.includes('persistentvolumeclaim "data" is being deleted') === true
  })
  await registry.delete(Kinds.Pod, inDefault('first'))
  await untilGone(registry, Kinds.PersistentVolumeClaim, inDefault('data'))
})
