import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { quiet } from '../../test/test-registry.ts'
import type { Stored } from '../registry/registry.ts'
import { DiskStorage } from './disk-storage.ts'
import type { Change, RestoredState } from './storage.ts'

async function aDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-state-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function opened(
  dir: string,
  minCompactionBytes?: number,
): Promise<{ storage: DiskStorage; restored: RestoredState }> {
  const options = minCompactionBytes === undefined ? {} : { minCompactionBytes }
  const result = await DiskStorage.open(dir, quiet, options)
  onTestFinished(() => result.storage.close())
  return result
}

function put(resourceVersion: number, name: string, note = ''): Change {
  const metadata = {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: String(resourceVersion),
    creationTimestamp: '2030-01-01T00:00:00Z',
    annotations: { note },
  }
  const object: Stored = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  return { resourceVersion, resource: 'configmaps', namespace: 'default', name, object }
}

function removed(resourceVersion: number, name: string): Change {
  return { resourceVersion, resource: 'configmaps', namespace: 'default', name }
}

const namesOf = ({ objects }: RestoredState): string[] => objects.map(({ name }) => name).sort()

test('what was acknowledged is there after opening again', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir)
  await Promise.all([
    storage.append(put(2, 'a')),
    storage.append(put(3, 'b')),
    storage.append(removed(4, 'a')),
    storage.append(put(5, 'ü\n"c"')),
  ])
  await storage.close()
  const { restored } = await opened(dir)
  expect(namesOf(restored)).toEqual(['b', 'ü\n"c"'])
  expect(restored.resourceVersion).toBeGreaterThan(5)
})

test('a write that was torn anywhere is cut off, and nothing before it', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir)
  await storage.append(put(2, 'kept'))
  await storage.close()
  const path = join(dir, 'journal-0')
  const whole = await readFile(path)
  const { storage: again } = await opened(dir)
  await again.append(put(3, 'torn'))
  await again.close()
  const both = await readFile(path)
  for (let cut = whole.length; cut < both.length; cut += 7) {
    await writeFile(path, both.subarray(0, cut))
    const { storage: reopened, restored } = await opened(dir)
    expect(namesOf(restored)).toEqual(['kept'])
    await reopened.close()
    expect(await readFile(path)).toEqual(whole)
  }
})

test('after a torn tail was cut off, new writes follow the last whole one', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir)
  await storage.append(put(2, 'a'))
  await storage.close()
  await appendFile(join(dir, 'journal-0'), 'deadbeef {"v":3,"r":"configm')
  const { storage: second } = await opened(dir)
  await second.append(put(4, 'b'))
  await second.close()
  const { restored } = await opened(dir)
  expect(namesOf(restored)).toEqual(['a', 'b'])
})

test('a grown journal becomes a snapshot, and the old files go', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir, 2_000)
  const objects = new Map<string, Change>()
  storage.compactFrom(() => ({ resourceVersion: 0, objects: [...objects.values()] }))
  for (let version = 2; version < 60; version += 1) {
    const change = put(version, `n${version % 7}`, 'x'.repeat(100))
    objects.set(change.name, change)
    await storage.append(change)
  }
  await storage.close()
  const files = (await readdir(dir)).filter((name) => /^(snapshot|journal)-/.test(name))
  expect(files).toHaveLength(2)
  const { restored } = await opened(dir)
  expect(namesOf(restored)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6'])
  expect(restored.resourceVersion).toBeGreaterThan(59)
})

test('a crash between the switch of journals and the snapshot loses nothing', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir, 1)
  await storage.append(put(2, 'a'))
  // A source that fails leaves the directory as the crash would: two journals, no snapshot.
  storage.compactFrom(() => {
    throw new Error('crash')
  })
  await storage.append(put(3, 'b'))
  await storage.append(put(4, 'c'))
  await storage.close()
  const { restored } = await opened(dir)
  expect(namesOf(restored)).toEqual(['a', 'b', 'c'])
})

test('a damaged snapshot is refused rather than read in part', async () => {
  const dir = await aDirectory()
  const { storage } = await opened(dir, 1)
  const change = put(2, 'a')
  storage.compactFrom(() => ({ resourceVersion: 2, objects: [change] }))
  await storage.append(change)
  await storage.append(put(3, 'b'))
  await storage.close()
  const [snapshot = ''] = (await readdir(dir)).filter((name) => name.startsWith('snapshot-'))
  await truncate(join(dir, snapshot), 40)
  await expect(DiskStorage.open(dir, quiet)).rejects.toThrow(/is damaged/)
})

test('two owners never share a directory', async () => {
  const dir = await aDirectory()
  await opened(dir)
  await expect(DiskStorage.open(dir, quiet)).rejects.toThrow(`in use by process ${process.pid}`)
})

test('the lock of a dead process is taken over', async () => {
  const dir = await aDirectory()
  // No process has pid 2^22 or more on Linux.
  const dead = { pid: 4_194_305, started: '1', nonce: 'n' }
  await writeFile(join(dir, 'lock'), JSON.stringify(dead))
  await expect(opened(dir)).resolves.toBeDefined()
})
