import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Pod, Volume } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { mountsOf, type VolumeSources, writeVolumes } from './volumes.ts'

const noPod: Pod = { spec: { containers: [] } }
const facts = { podIP: '127.1.2.3', hostIP: '127.0.0.1', nodeName: 'node', allocatable: {} }

function setup(data: Record<string, string> = { key: 'value' }) {
  const dir = tempDir()
  const config = { data, binaryData: {} as Record<string, string> }
  const claimed = tempDir()
  const sources: VolumeSources = {
    configMap: (name) => (name === 'config' ? config : undefined),
    secret: (name) =>
      name === 'keys' ? { data: { token: Buffer.from('s3cret').toString('base64') } } : undefined,
    claimedDirectory: () => claimed,
  }
  const write = (...volumes: Volume[]) => {
    const pod: Pod = {
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { containers: [], volumes },
    }
    writeVolumes(dir, pod, facts, sources)
  }
  const text = (path: string) => readFileSync(join(dir, path), 'utf8')
  return { dir, claimed, config, write, text }
}

test('a config map is a file per key, binary ones included', () => {
  const { config, write, text } = setup()
  config.binaryData['raw'] = Buffer.from('bytes').toString('base64')
  write({ name: 'v', configMap: { name: 'config' } })
  expect(text('v/key')).toBe('value')
  expect(text('v/raw')).toBe('bytes')
})

test('a secret has the mode it asks for', () => {
  const { dir, write, text } = setup()
  write({ name: 'v', secret: { secretName: 'keys', defaultMode: 0o400 } })
  expect(text('v/token')).toBe('s3cret')
  expect(statSync(join(dir, 'v/token')).mode & 0o777).toBe(0o400)
})

test('items choose and place keys, and cannot leave the volume', () => {
  const { dir, write, text } = setup({ a: '1', b: '2' })
  write({
    name: 'v',
    configMap: {
      name: 'config',
      items: [
        { key: 'a', path: 'deep/er/a' },
        { key: 'b', path: '../../b' },
      ],
    },
  })
  expect(text('v/deep/er/a')).toBe('1')
  expect(text('v/b')).toBe('2')
  expect(existsSync(join(dir, 'b'))).toBe(false)
})

test('a change replaces the contents at once; what was removed is gone', () => {
  const { dir, config, write, text } = setup({ a: '1', b: '2' })
  const volume: Volume = { name: 'v', configMap: { name: 'config' } }
  write(volume)
  config.data = { a: '3' }
  write(volume)
  expect(text('v/a')).toBe('3')
  expect(readdirSync(join(dir, 'v')).filter((name) => !name.startsWith('..'))).toEqual(['a'])
  // The present contents and nothing of before.
  expect(readdirSync(join(dir, 'v')).filter((name) => name.startsWith('..'))).toHaveLength(2)
})

test('several sources project into one volume', () => {
  const { write, text } = setup()
  write({
    name: 'v',
    projected: {
      sources: [
        { configMap: { name: 'config' } },
        { secret: { name: 'keys' } },
        {
          downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
        },
      ],
    },
  })
  expect([text('v/key'), text('v/token'), text('v/labels')]).toEqual([
    'value',
    's3cret',
    'app="web"',
  ])
})

test('an empty directory keeps what the pod wrote', () => {
  const { dir, write, text } = setup()
  write({ name: 'v', emptyDir: {} })
  writeFileSync(join(dir, 'v/mine'), 'x')
  write({ name: 'v', emptyDir: {} })
  expect(text('v/mine')).toBe('x')
})

test.each<[Volume, string]>([
  [{ name: 'v', configMap: { name: 'none' } }, 'configmap "none" not found'],
  [{ name: 'v', secret: { secretName: 'none' } }, 'secret "none" not found'],
  [
    { name: 'v', configMap: { name: 'config', items: [{ key: 'x', path: 'x' }] } },
    'non-existent config key: x',
  ],
  [{ name: 'v', hostPath: { path: '/etc' } }, 'is of kind hostPath'],
])('what cannot be mounted is named', (volume, message) => {
  const { write } = setup()
  expect(() => write(volume)).toThrow(message)
})

test('a subPath is the file itself, or a directory that is made', () => {
  const { dir, write } = setup()
  write({ name: 'v', configMap: { name: 'config' } }, { name: 'e', emptyDir: {} })
  const mounts = mountsOf(
    dir,
    {
      name: 'app',
      volumeMounts: [
        { name: 'v', mountPath: '/etc/key', subPath: 'key' },
        { name: 'e', mountPath: '/data', subPath: '../../sub' },
      ],
    },
    noPod,
  )
  expect(readFileSync(mounts[0]!.source, 'utf8')).toBe('value')
  expect(mounts[1]!.source).toBe(join(dir, 'e/sub'))
})

const claimVolume: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } }

test('a claim is mounted where it is, and what removes the volumes of the pod leaves it', () => {
  const { dir, claimed, write, text } = setup()
  write(claimVolume)
  writeFileSync(join(dir, 'v/file'), 'kept')
  write(claimVolume)
  expect(text('v/file')).toBe('kept')
  rmSync(dir, { recursive: true })
  expect(readFileSync(join(claimed, 'file'), 'utf8')).toBe('kept')
})

test('a mount inside that of a claim is refused: it would take the place of what is kept there', () => {
  const { dir, write } = setup()
  const pod: Pod = { spec: { containers: [], volumes: [claimVolume, { name: 'e', emptyDir: {} }] } }
  write(...(pod.spec?.volumes ?? []))
  const mounts = (inner: string) => () =>
    mountsOf(
      dir,
      {
        name: 'app',
        volumeMounts: [
          { name: 'v', mountPath: '/data' },
          { name: 'e', mountPath: inner },
        ],
      },
      pod,
    )
  expect(mounts('/data/cache')).toThrow('/data/cache lies inside that of a persistent volume')
  expect(mounts('/database')).not.toThrow()
})

test('a subPath does not follow a link out of its volume', () => {
  const { dir, claimed, write } = setup()
  write(claimVolume)
  symlinkSync('/etc', join(claimed, 'out'))
  const mount = (subPath: string) => () =>
    mountsOf(
      dir,
      { name: 'app', volumeMounts: [{ name: 'v', mountPath: '/d', subPath }] },
      { spec: { containers: [], volumes: [claimVolume] } },
    )
  expect(mount('out')).toThrow('subPath "out" leads out of its volume')
  expect(mount('.')).not.toThrow()
})
