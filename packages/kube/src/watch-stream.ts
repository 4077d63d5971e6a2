import type { Readable } from 'node:stream'
import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import type { Clock } from './clock.ts'
import { errorFromStatus, KubeError } from './kube-error.ts'
import type { KubeObject, Stored } from './kube-object.ts'

/** One line of a watch. Errors the server sends as events are thrown, so they are not among these. */
export type WatchEvent<T extends KubeObject> =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: Stored<T> }
  /** Nothing happened up to this resourceVersion. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

export interface WatchStreamOptions {
  readonly clock: Clock
  /** Silence after which the connection counts as dead. */
  readonly idleTimeoutMs: number
  /** For error messages: what was watched. */
  readonly request: string
}

/** etcd holds objects of 1.5 MiB at most; a longer line is not a watch event. */
const maxLineBytes = 16 * 1024 * 1024
const newline = 0x0a

/** Reads events until the server ends the stream. Throws what the server reports, and on silence. */
export async function* watchEvents<T extends KubeObject>(
  body: Readable,
  options: WatchStreamOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const line of lines(body, options)) {
    const event = parseEvent<T>(line, options.request)
    if (event !== undefined) yield event
  }
}

async function* lines(body: Readable, options: WatchStreamOptions): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
  const partial: Buffer[] = []
  let partialBytes = 0
  try {
    for (;;) {
      const next = await withinIdleTime(body, chunks, options)
      if (next.done === true) break
      let chunk = next.value
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline)) {
        const line = Buffer.concat([...partial, chunk.subarray(0, end)])
        partial.length = 0
        partialBytes = 0
        chunk = chunk.subarray(end + 1)
        if (line.length > 0) yield line
      }
      partialBytes += chunk.length
      if (chunk.length > 0) partial.push(chunk)
      if (partialBytes > maxLineBytes)
        throw badAnswer(options.request, `sent an event larger than ${maxLineBytes} bytes`)
    }
    if (partialBytes > 0) throw badAnswer(options.request, 'broke off in the middle of an event')
  } finally {
    body.destroy()
  }
}

/** Destroying the body, rather than racing a promise, also frees the connection. */
async function withinIdleTime(
  body: Readable,
  chunks: AsyncIterator<Buffer>,
  { clock, idleTimeoutMs, request }: WatchStreamOptions,
): Promise<IteratorResult<Buffer>> {
  const cancel = clock.setTimeout(
    () =>
      body.destroy(
        new KubeError({
          status: 0,
          reason: 'WatchIdle',
          message: `${request} was silent for ${idleTimeoutMs / 1_000} s`,
        }),
      ),
    idleTimeoutMs,
  )
  try {
    return await chunks.next()
  } finally {
    cancel()
  }
}

/** The API server is trusted by configuration: an event that has the shape of one carries the kind we asked for. */
interface WireEvent<T extends KubeObject> {
  readonly type: string
  readonly object: Stored<T> | Status
}

function parseEvent<T extends KubeObject>(
  line: Buffer,
  request: string,
): WatchEvent<T> | undefined {
  const { type, object } = parseWireEvent<T>(line, request)
  switch (type) {
    case 'ADDED':
      return { kind: 'added', object: object as Stored<T> }
    case 'MODIFIED':
      return { kind: 'modified', object: object as Stored<T> }
    case 'DELETED':
      return { kind: 'deleted', object: object as Stored<T> }
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion: (object as Stored<T>).metadata.resourceVersion }
    case 'ERROR':
      throw errorFromStatus(object, request)
    default:
      // A type of a later Kubernetes; what it means for us comes with the next list.
      return undefined
  }
}

function parseWireEvent<T extends KubeObject>(line: Buffer, request: string): WireEvent<T> {
  let event: unknown
  try {
    event = JSON.parse(line.toString('utf8'))
  } catch (cause) {
    throw badAnswer(request, 'sent something that is not JSON', cause)
  }
  if (!isWireEvent<T>(event)) throw badAnswer(request, 'sent something that is not a watch event')
  return event
}

function isWireEvent<T extends KubeObject>(event: unknown): event is WireEvent<T> {
  return (
    typeof event === 'object' &&
    event !== null &&
    'type' in event &&
    typeof event.type === 'string' &&
    'object' in event &&
    typeof event.object === 'object' &&
    event.object !== null &&
    (event.type === 'ERROR' || 'metadata' in event.object)
  )
}

function badAnswer(request: string, what: string, cause?: unknown): KubeError {
  return new KubeError({ status: 0, reason: 'BadAnswer', message: `${request} ${what}`, cause })
}
