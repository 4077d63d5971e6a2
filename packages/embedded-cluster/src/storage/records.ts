/** Changes as lines of text: checksum, blank, JSON. A line that was not written whole does not match its checksum. */
import { crc32 } from 'node:zlib'
import { isObject } from '../registry/json.ts'
import type { Stored } from '../registry/registry.ts'
import type { Change } from './storage.ts'

const newline = 0x0a
const checksumLength = 8

export function encodeRecord(change: Change): string {
  const { resourceVersion, resource, namespace, name, object } = change
  const text = JSON.stringify({ v: resourceVersion, r: resource, s: namespace, n: name, o: object })
  return `${checksum(text)} ${text}\n`
}

export interface DecodedRecords {
  readonly changes: readonly Change[]
  /** Bytes up to the end of the last whole record. */
  readonly validBytes: number
}

/** Reads up to the first record that is not whole. */
export function decodeRecords(bytes: Buffer): DecodedRecords {
  const changes: Change[] = []
  let start = 0
  for (;;) {
    const end = bytes.indexOf(newline, start)
    const change = end < 0 ? undefined : decodeLine(bytes.toString('utf8', start, end))
    if (change === undefined) return { changes, validBytes: start }
    changes.push(change)
    start = end + 1
  }
}

function decodeLine(line: string): Change | undefined {
  const text = line.slice(checksumLength + 1)
  if (line.slice(0, checksumLength) !== checksum(text)) return undefined
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) return undefined
  const { v, r, s, n, o } = value
  if (typeof v !== 'number' || typeof r !== 'string' || typeof n !== 'string') return undefined
  return {
    resourceVersion: v,
    resource: r,
    name: n,
    ...(typeof s === 'string' && { namespace: s }),
    // The checksum says that it is what encodeRecord wrote.
    ...(isObject(o) && { object: o as unknown as Stored }),
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(checksumLength, '0')
}
