/** What keeping histories asks of an API server. */
import { GROUP_VERSION } from '@porpulsion/contract'
import {
  connectionFromKubeconfig,
  KubeClient,
  Secret,
  systemClock,
  systemRandom,
} from '@porpulsion/kube'
import { expect, onTestFinished, test } from 'vitest'
import { AppHistoryController } from '../../src/workloads/app-history-controller.ts'
import { RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { KubeAppHistoryStore } from '../../src/workloads/kube-app-history-store.ts'
import { KubeRemoteAppStore } from '../../src/workloads/kube-remote-app-store.ts'
import { anApiServer } from '../support/api-server.ts'
import { silent } from '../support/dashboard.ts'

const APPS = 30
const { signal } = new AbortController()

async function aRecorder() {
  const { client: admin, namespace, kubeconfig } = await anApiServer()
  for (let at = 0; at < APPS; at++) {
    const app = await admin.create(RemoteAppKind, {
      apiVersion: GROUP_VERSION,
      kind: 'RemoteApp',
      metadata: { name: `web-${at}`, namespace },
      spec: { targetPeer: 'b', image: 'one' },
    })
    const status = { conditions: [], replicas: 1, readyReplicas: 1, updatedReplicas: 1 }
    await admin.updateStatus(RemoteAppKind, {
      ...app,
      status: { ...status, phase: 'Ready', observedGeneration: 1 },
    })
  }
  const asked: string[] = []
  const client = new KubeClient(await connectionFromKubeconfig(kubeconfig, '/'), {
    fieldManager: 'porpulsion',
    observe: ({ method, path }) => void asked.push(`${method} ${path.replace(/\?.*/, '')}`),
  })
  const deps = { client, clock: systemClock, random: systemRandom, report: () => undefined }
  const store = new KubeRemoteAppStore(deps, { namespaces: [namespace] })
  const recorder = new AppHistoryController({
    ...deps,
    store,
    histories: new KubeAppHistoryStore(client),
    authors: store.authors,
    logger: silent,
  })
  onTestFinished(async () => {
    await recorder.stop()
    await store.stop()
    await client.close()
  })
  await store.start(signal)
  await recorder.start(signal)
  await recorder.whenIdle()
  return {
    admin,
    asked: () => asked.filter((line) => !line.endsWith('/remoteapps')),
    client,
    namespace,
    recorder,
    store,
  }
}

test('apps that do not change cost no request at start, and none when their status does', async () => {
  const { admin, asked, namespace, recorder, store } = await aRecorder()
  expect(store.list()).toHaveLength(APPS)
  const app = await admin.get(RemoteAppKind, { namespace, name: 'web-3' })
  const written = await admin.updateStatus(RemoteAppKind, {
    ...app,
    status: { ...app.status!, phase: 'Degraded', message: 'a pod crashed' },
  })
  await expect
    .poll(() => store.get(app.metadata)?.metadata.resourceVersion)
    .toBe(written.metadata.resourceVersion)
  await recorder.whenIdle()
  expect(asked()).toEqual([])
})

test('a change through the API is one read and one write, and keeps what an earlier agent had not', async () => {
  const { admin, asked, client, namespace, recorder, store } = await aRecorder()
  const app = store.resolve('web-3', undefined)
  await store.update(
    app,
    (current) => ({ metadata: current.metadata, spec: { ...current.spec, image: 'two' } }),
    { by: 'alice', signal },
  )
  await recorder.whenIdle()
  const path = (name: string): RegExp => new RegExp(`/${name}$`)
  expect(asked().filter((line) => line.includes('secrets'))).toEqual([
    expect.stringMatching(path('porpulsion-history-web-3')),
    expect.stringMatching(/^POST .*\/secrets$/),
  ])
  const { items } = await admin.list(Secret, { namespace })
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['porpulsion-history-web-3'])
  const { history } = await new KubeAppHistoryStore(client).read(app, signal)
  expect(history).toMatchObject([
    { revision: 1, spec: { image: 'one' } },
    { revision: 2, spec: { image: 'two' }, by: 'alice' },
  ])
})
