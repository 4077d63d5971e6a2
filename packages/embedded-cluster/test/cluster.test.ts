import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { type EmbeddedClusterOptions, startEmbeddedCluster } from '../src/index.ts'
import { Catalog } from '../src/registry/catalog.ts'
import { BuiltinShapes } from '../src/registry/builtin-shapes.ts'
import { Kinds } from '../src/registry/kinds.ts'
import { LocalRegistry } from '../src/registry/local-registry.ts'
import { builtinResources } from '../src/registry/resources.ts'
import type { Storage } from '../src/storage/storage.ts'
import { ManualClock, quiet } from './test-registry.ts'

const apiOnly: EmbeddedClusterOptions = { workloads: false, tls: false }

async function aDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-cluster-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

test('a cluster in memory is there within 300 ms, and its kubeconfig leads to it', async () => {
  const elapsedMs: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now()
    const cluster = await startEmbeddedCluster(apiOnly)
    elapsedMs.push(performance.now() - start)
    await cluster.stop()
  }
  // The best of a few: a busy machine is slow for reasons of its own.
  expect(Math.min(...elapsedMs)).toBeLessThan(300)
  const cluster = await startEmbeddedCluster({ ...apiOnly, name: 'quick' })
  onTestFinished(() => cluster.stop())
  expect(parse(cluster.kubeconfig())).toMatchObject({
    'current-context': 'quick',
    clusters: [{ name: 'quick', cluster: { server: cluster.url } }],
    users: [{ user: { token: cluster.token } }],
  })
})

test('what was there is there after a restart, under the same credentials', async () => {
  const dir = await aDirectory()
  const first = await startEmbeddedCluster({ dir, workloads: false })
  const key = { namespace: 'default', name: 'a' }
  const made = await first.registry.create(Kinds.ConfigMap, { metadata: key })
  await first.stop()
  const second = await startEmbeddedCluster({ dir, workloads: false })
  onTestFinished(() => second.stop())
  expect(second.registry.get(Kinds.ConfigMap, key)).toEqual(made)
  expect(second.token).toBe(first.token)
  expect(second.caCert).toBe(first.caCert)
})

test('whoever is still shaking hands does not keep it from stopping', async () => {
  const cluster = await startEmbeddedCluster({ workloads: false })
  const { hostname, port } = new URL(cluster.url)
  const silent = connect(Number(port), hostname)
  await once(silent, 'connect')
  // Connections are accepted in their order: after this one, the silent one has been.
  const refused = connect(Number(port), hostname)
  refused.end('no TLS')
  refused.resume()
  await once(refused, 'close')
  const ended = once(silent.resume(), 'close')
  await cluster.stop()
  await ended
})

test('watches from before a restart are told to list anew', async () => {
  const dir = await aDirectory()
  const first = await startEmbeddedCluster({ ...apiOnly, dir })
  const since = first.registry.resourceVersion
  await first.stop()
  const second = await startEmbeddedCluster({ ...apiOnly, dir })
  onTestFinished(() => second.stop())
  expect(() => second.registry.watch(Kinds.ConfigMap, { since }, () => undefined)).toThrow(
    expect.objectContaining({ reason: 'Expired' }),
  )
})

test('secrets on disk are for their owner alone', async () => {
  const dir = await aDirectory()
  const cluster = await startEmbeddedCluster({ ...apiOnly, dir })
  await cluster.stop()
  for (const file of ['credentials.json', 'state/journal-0']) {
    expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600)
  }
})

test('credentials that cannot be read are never replaced', async () => {
  const dir = await aDirectory()
  await (await startEmbeddedCluster({ ...apiOnly, dir })).stop()
  const path = join(dir, 'credentials.json')
  await writeFile(path, '{"adminToken": 7}')
  await expect(startEmbeddedCluster({ ...apiOnly, dir })).rejects.toThrow(
    'does not hold credentials',
  )
  expect(await readFile(path, 'utf8')).toBe('{"adminToken": 7}')
})

test('a directory in use is refused, and free again after the stop', async () => {
  const dir = await aDirectory()
  const first = await startEmbeddedCluster({ ...apiOnly, dir })
  await expect(startEmbeddedCluster({ ...apiOnly, dir })).rejects.toThrow('is in use by process')
  await first.stop()
  await first.stop()
  await (await startEmbeddedCluster({ ...apiOnly, dir })).stop()
})

test('a port that is taken is an error that says so, and leaves nothing locked', async () => {
  const dir = await aDirectory()
  const first = await startEmbeddedCluster(apiOnly)
  onTestFinished(() => first.stop())
  const port = Number(new URL(first.url).port)
  await expect(startEmbeddedCluster({ ...apiOnly, dir, port })).rejects.toThrow('EADDRINUSE')
  await (await startEmbeddedCluster({ ...apiOnly, dir })).stop()
})

test('a storage that fails refuses the write and all that follow, and is told to no watcher', async () => {
  let isFull = false
  const storage: Storage = {
    append: () => (isFull ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
    close: () => Promise.resolve(),
  }
  const catalog = new Catalog(builtinResources({}, new BuiltinShapes()))
  const registry = new LocalRegistry({ catalog, storage, clock: new ManualClock(), logger: quiet })
  await registry.create(Kinds.Namespace, { metadata: { name: 'default' } })
  const seen: string[] = []
  registry.watch(Kinds.Namespace, {}, ({ object }) => seen.push(object.metadata.name))
  isFull = true
  const create = (name: string): Promise<unknown> =>
    registry.create(Kinds.Namespace, { metadata: { name } })
  await expect(create('a')).rejects.toMatchObject({ reason: 'ServiceUnavailable' })
  isFull = false
  await expect(create('b')).rejects.toMatchObject({ reason: 'ServiceUnavailable' })
  expect(seen).toEqual(['default'])
  expect(registry.failure).toMatchObject({ message: 'ENOSPC' })
})
