import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { VolumeStore } from './volume-store.ts'

test.each(['../other', '.', '..', '/etc', 'a/b', '', 'A'])(
  'no handle leads out of the directory: %j',
  async (handle) => {
    const dir = tempDir()
    const store = new VolumeStore(join(dir, 'volumes'))
    await store.create('a')
    expect(store.find(handle)).toBeUndefined()
    await expect(store.create(handle)).rejects.toThrow('cannot be a volume handle')
    await expect(store.remove(handle)).rejects.toThrow('cannot be a volume handle')
    expect(readdirSync(dir)).toEqual(['volumes'])
    expect(readdirSync(join(dir, 'volumes'))).toEqual(['a'])
  },
)

test('without a directory there is a temporary one, from the first volume to the end', async () => {
  const store = new VolumeStore(undefined)
  expect(store.find('a')).toBeUndefined()
  await store.create('a')
  const dir = dirname(store.find('a') ?? '')
  await store.close()
  expect(existsSync(dir)).toBe(false)
})

test('with a directory of its own it leaves what is there', async () => {
  const dir = tempDir()
  const store = new VolumeStore(dir)
  await store.create('a')
  await store.close()
  expect(new VolumeStore(dir).find('a')).toBe(join(dir, 'a'))
})
