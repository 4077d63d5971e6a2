import { readExecTarget } from './exec-target.ts'
import type { ExecTarget, TcpTarget } from './links-api.ts'

/** What a stream is for, as its Open says it: JSON in UTF-8; docs/protocol.md, "Streams of an agent". */
export type OpenHeader =
  /** HTTP/1.1 to the peer API, kept alive. */
  | { readonly kind: 'rpc' }
  /** Bytes to one port of one app that runs for the opener. */
  | ({ readonly kind: 'tcp' } & TcpTarget)
  /** A command in a pod of one app that runs for the opener. */
  | ({ readonly kind: 'exec' } & ExecTarget)

export function encodeOpenHeader(header: OpenHeader): Uint8Array {
  return Buffer.from(JSON.stringify(header))
}

/** Undefined: not a kind we know. A later version may add some, and fields to these. */
export function readOpenHeader(bytes: Uint8Array): OpenHeader | undefined {
  const fields = parsed(bytes)
  if (fields?.['kind'] === 'rpc') return { kind: 'rpc' }
  if (fields?.['kind'] === 'exec') {
    const target = readExecTarget(fields)
    return target && { kind: 'exec', ...target }
  }
  if (fields?.['kind'] !== 'tcp') return undefined
  const { app, port } = { app: fields['app'], port: fields['port'] }
  if (typeof app !== 'string' || !/^[A-Za-z0-9-]{1,64}$/.test(app)) return undefined
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return undefined
  return { kind: 'tcp', app, port }
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>) // an object: checked
      : undefined
  } catch {
    return undefined
  }
}
