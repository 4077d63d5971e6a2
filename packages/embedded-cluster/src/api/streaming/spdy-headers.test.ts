import { constants, createDeflate, createInflate, type Deflate } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { EmptyHeaderWriter, headerDictionary, HeaderReader } from './spdy-headers.ts'

function aReader(): HeaderReader {
  const reader = new HeaderReader()
  onTestFinished(() => reader.close())
  return reader
}

/** A client's side: one zlib stream for all its blocks. */
function aWriter(): (headers: Readonly<Record<string, string>>) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: headerDictionary(), flush: constants.Z_SYNC_FLUSH })
  return async (headers) => {
    const entries = Object.entries(headers)
    const texts = entries.flat().flatMap((text) => [word(text.length), Buffer.from(text)])
    return compressed(deflate, Buffer.concat([word(entries.length), ...texts]))
  }
}

function compressed(deflate: Deflate, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    deflate.write(bytes, () => resolve(deflate.read() as Buffer))
  })
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

test('blocks are read in their order, each by what came before it', async () => {
  const [reader, write] = [aReader(), aWriter()]
  const first = { streamtype: 'error', port: '8080', requestid: '0' }
  const second = { ...first, streamtype: 'data' }
  expect(Object.fromEntries(await reader.read(await write(first)))).toEqual(first)
  expect(Object.fromEntries(await reader.read(await write(second)))).toEqual(second)
})

test('headers that grow beyond all use when they are unpacked are refused', async () => {
  const [reader, write] = [aReader(), aWriter()]
  const bomb = await write({ streamtype: 'x'.repeat(1_000_000) })
  expect(bomb.length).toBeLessThan(10_000)
  await expect(reader.read(bomb)).rejects.toThrow('headers are too long')
})

test('what is not compressed by the rules is refused', async () => {
  await expect(aReader().read(Buffer.from('streamtype: data'))).rejects.toThrow(/header check/)
})

test('what we answer is a zlib stream of empty blocks', async () => {
  const writer = new EmptyHeaderWriter()
  const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
  const empty: Buffer[] = []
  inflate.on('data', (chunk: Buffer) => empty.push(chunk))
  for (let block = 0; block < 3; block += 1) {
    await new Promise((resolve) => inflate.write(writer.next(), resolve))
  }
  expect(Buffer.concat(empty)).toEqual(Buffer.alloc(12))
})
