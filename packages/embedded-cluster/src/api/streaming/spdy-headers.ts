/**
 * Header blocks of SPDY/3.1: names and values with their lengths, compressed. All blocks of one direction are one zlib
 * stream, which begins with a dictionary that both sides know.
 */
import { createInflate, constants, type Inflate } from 'node:zlib'
import { once } from 'node:events'

/** More than the few short headers of a stream is no client's. */
const maxHeaderBytes = 64 * 1024

export type SpdyHeaders = ReadonlyMap<string, string>

/** Reads the blocks of one connection, in their order. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({
    dictionary: headerDictionary(),
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  #chunks: Buffer[] = []
  #bytes = 0

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length
      if (this.#bytes > maxHeaderBytes) this.#inflate.destroy(tooLong())
      else this.#chunks.push(chunk)
    })
  }

  async read(block: Buffer): Promise<SpdyHeaders> {
    this.#chunks = []
    this.#bytes = 0
    const failed = new AbortController()
    await Promise.race([
      new Promise<void>((resolve, reject) => {
        this.#inflate.write(block, (error) => (error ? reject(error) : resolve()))
      }),
      once(this.#inflate, 'error', { signal: failed.signal }).then(([error]) => {
        throw error as Error
      }),
    ]).finally(() => failed.abort())
    // The write may have ended, without an error, before the stream told of its own.
    if (this.#bytes > maxHeaderBytes) throw tooLong()
    return parseHeaders(Buffer.concat(this.#chunks))
  }

  close(): void {
    this.#inflate.on('error', () => undefined)
    this.#inflate.destroy()
  }
}

const tooLong = (): Error => new Error('headers are too long')

function parseHeaders(bytes: Buffer): SpdyHeaders {
  let at = 4
  const text = (): string => {
    const length = bytes.readUInt32BE(at)
    at += 4 + length
    if (at > bytes.length) throw new Error('a header is cut short')
    return bytes.toString('latin1', at - length, at)
  }
  const headers = new Map<string, string>()
  for (let count = bytes.readUInt32BE(0); count > 0; count -= 1) headers.set(text(), text())
  return headers
}

/** No headers: all that we ever answer to a stream. */
const noHeaders = Buffer.alloc(4)

/**
 * Writes the blocks of one connection. A zlib stream may consist of stored pieces, which need no state; nothing is
 * gained by compressing four zeros.
 */
export class EmptyHeaderWriter {
  #isFirst = true

  next(): Buffer {
    const length = Buffer.alloc(4)
    length.writeUInt16LE(noHeaders.length, 0)
    length.writeUInt16LE(~noHeaders.length & 0xffff, 2)
    const stored = Buffer.concat([Buffer.of(0x00), length, noHeaders, syncMarker])
    const block = this.#isFirst ? Buffer.concat([zlibStart, stored]) : stored
    this.#isFirst = false
    return block
  }
}

/** A stored piece of no length: readers hand on what they have when they come to it. */
const syncMarker = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff)

/** Deflate with a window of 32 KiB, and no dictionary. */
const zlibStart = Buffer.of(0x78, 0x01)

/** As SPDY/3 has it: words with their lengths, then what is common in values. */
export function headerDictionary(): Buffer {
  const words = [
    'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age',
    'allow authorization cache-control connection content-base content-encoding content-language content-length',
    'content-location content-md5 content-range content-type date etag expect expires from host if-match',
    'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma',
    'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade',
    'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie',
    'keep-alive origin',
  ].flatMap((line) => line.split(' ').map((word) => Buffer.from(word.replace('_', ' '))))
  const values = [
    '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505',
    '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized',
    '403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable',
    'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT',
    'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,',
    'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.',
  ].join('')
  const counted = words.flatMap((word) => [Buffer.of(0, 0, 0, word.length), word])
  return Buffer.concat([...counted, Buffer.from(values)])
}
