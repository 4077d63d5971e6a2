import { Type } from 'typebox'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryDocumentStore, type MemoryDocumentStore } from './memory-document-store.ts'
import { createStoredRecord, type StoredRecord } from './stored-record.ts'

const Names = Type.Object({ names: Type.Array(Type.String()) }, { additionalProperties: false })
type Names = { names: string[] }

async function aRecord(
  store: MemoryDocumentStore = createMemoryDocumentStore(),
): Promise<StoredRecord<Names>> {
  const record = createStoredRecord(store, { schema: Names, empty: { names: [] } })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await record.start(stop.signal)
  return record
}
const add =
  (name: string) =>
  ({ names }: Names): Names => ({ names: [...names, name] })

test('a change is visible once it is stored, and a new start reads it again', async () => {
  const store = createMemoryDocumentStore()
  const record = await aRecord(store)
  const update = record.update(add('a'))
  expect(record.current().names).toEqual([])
  await update
  expect(record.current().names).toEqual(['a'])
  expect((await aRecord(store)).current().names).toEqual(['a'])
})

test('changes made while a write is under way share the next write', async () => {
  const store = createMemoryDocumentStore()
  const record = await aRecord(store)
  const write = vi.spyOn(store, 'write')
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => record.update(add(name))))
  expect(record.current().names).toEqual(['a', 'b', 'c', 'd'])
  expect(write).toHaveBeenCalledTimes(2)
})

test('two writers of one document lose nothing', async () => {
  const store = createMemoryDocumentStore()
  const [one, other] = [await aRecord(store), await aRecord(store)]
  await Promise.all([one.update(add('a')), other.update(add('b')), one.update(add('c'))])
  await other.update((value) => value)
  expect([...one.current().names].sort()).toEqual(['a', 'b', 'c'])
})

test('what another writer changed is seen without asking', async () => {
  const store = createMemoryDocumentStore('{"names":["a"]}')
  const record = await aRecord(store)
  store.put('{"names":["b"]}')
  await expect.poll(() => record.current().names).toEqual(['b'])
  store.put(undefined)
  await expect.poll(() => record.current().names).toEqual([])
})

test('a change that throws rejects its own update only', async () => {
  const record = await aRecord()
  const refused = record.update(() => {
    throw new Error('no')
  })
  const taken = record.update(add('a'))
  await expect(refused).rejects.toThrow('no')
  await taken
  expect(record.current().names).toEqual(['a'])
})

test('a failing write rejects the updates it carried, and the next one works again', async () => {
  const store = createMemoryDocumentStore()
  const record = await aRecord(store)
  vi.spyOn(store, 'write').mockRejectedValueOnce(new Error('down'))
  await expect(record.update(add('a'))).rejects.toThrow('down')
  expect(record.current().names).toEqual([])
  await record.update(add('b'))
  expect(record.current().names).toEqual(['b'])
})

test('a document that cannot be read is refused, never overwritten', async () => {
  const store = createMemoryDocumentStore('{"names": 5}')
  await expect(aRecord(store)).rejects.toMatchObject({ code: 'RecordUnreadable' })
  const record = await aRecord(createMemoryDocumentStore())
  expect(record.current()).toEqual({ names: [] })
  const spoiled = createMemoryDocumentStore('{"names":["a"]}')
  const reader = await aRecord(spoiled)
  spoiled.put('not json')
  await expect(reader.update(add('b'))).rejects.toMatchObject({ code: 'RecordUnreadable' })
  expect((await spoiled.read())?.text).toBe('not json')
})
