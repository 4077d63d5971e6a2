/** The logs of an app's pods, line by line with pod and time; following restarts of containers and new pods. */
import type { Readable } from 'node:stream'
import {
  Label,
  LogPositions,
  parseAs,
  PorpulsionError,
  type LogLine,
  type PeerLogsQuery,
} from '@porpulsion/contract'
import {
  isInvalid,
  isNotFound,
  type Clock,
  type KubeClient,
  type LogOptions,
  type Pod,
  type Stored,
} from '@porpulsion/kube'
import { sleep } from '../observability/index.ts'
import { CONTAINER_NAME } from './kube-app-names.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { clusterError } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { LineMerge, mergeByTime } from './line-merge.ts'
import { LogPosition } from './log-position.ts'
import { nanosOf, wholeSecondsOf } from './log-time.ts'

export interface PodLogsDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly clock: Clock
}

/** Longer lines come in pieces. */
const MAX_LINE_BYTES = 64 * 1024
/** A container that is not there yet is asked again after this time. */
const RETRY_MS = 500

export class KubePodLogs {
  readonly #deps: PodLogsDeps

  constructor(deps: PodLogsDeps) {
    this.#deps = deps
  }

  /** Throws before the first line when the question makes no sense; later failures end the stream with one. */
  stream(
    record: StoredExecutingApp,
    query: PeerLogsQuery,
    signal: AbortSignal,
  ): AsyncIterable<LogLine> {
    const request = readQuery(query)
    const pods = this.#deps.store.podsOf(record).filter((pod) => isWanted(pod, query.pod))
    if (query.pod !== undefined && pods.length === 0)
      throw new PorpulsionError('NotFound', 'PodNotFound', this.#noSuchPod(record, query.pod))
    return query.follow === true && query.previous !== true
      ? this.#follow(record, pods, request, signal)
      : mergeByTime(pods.map((pod) => this.#readOnce(pod, request, signal)))
  }

  #noSuchPod(record: StoredExecutingApp, pod: string): string {
    const names = this.#deps.store.podsOf(record).map(({ metadata }) => metadata.name)
    return `The app has no pod "${pod}" (${names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`})`
  }

  async *#readOnce(
    pod: Stored<Pod>,
    request: LogRequest,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    try {
      yield* this.#lines(pod, request.firstOptions(pod), request.positionOf(pod), signal)
    } catch (error) {
      signal.throwIfAborted()
      // A container that has not started, or had no predecessor, has no log: that is no failure of the others.
      if (isInvalid(error) || isNotFound(error)) return
      throw clusterError(error, `the log of pod ${pod.metadata.name}`)
    }
  }

  async *#follow(
    record: StoredExecutingApp,
    pods: readonly Stored<Pod>[],
    request: LogRequest,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const { store } = this.#deps
    const merge = new LineMerge()
    const leaving = new AbortController()
    const leave = (): void => {
      leaving.abort()
      merge.close()
    }
    if (signal.aborted) return
    signal.addEventListener('abort', leave, { once: true })
    const followed = new Set<string>()
    const add = (pod: Stored<Pod>, options: LogOptions, position: LogPosition): void => {
      if (followed.has(pod.metadata.uid)) return
      followed.add(pod.metadata.uid)
      void merge.add(this.#followPod(pod, options, position, leaving.signal))
    }
    // Open until the app goes: with no pod left there may be another in a moment.
    void merge.add(untilAborted(leaving.signal))
    for (const pod of pods) add(pod, request.firstOptions(pod), request.positionOf(pod))
    const unsubscribe = [
      store.pods.on(({ kind, object }) => {
        const isOurs = kind === 'added' && isOf(object, record) && isWanted(object, request.pod)
        if (isOurs) add(object, {}, request.positionOf(object))
      }),
      store.records.on(({ kind, object }) => {
        if (kind === 'deleted' && object.metadata.uid === record.metadata.uid) leave()
      }),
    ]
    try {
      yield* merge
    } finally {
      for (const off of unsubscribe) off()
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Through all restarts of its container, until the pod is gone or finished. */
  async *#followPod(
    pod: Stored<Pod>,
    firstOptions: LogOptions,
    position: LogPosition,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    let options = firstOptions
    while (!signal.aborted) {
      try {
        for await (const line of this.#lines(pod, { ...options, follow: true }, position, signal)) {
          yield line
          // Only the very first look is limited; what comes later is all wanted.
          options = {}
        }
      } catch (error) {
        if (isNotFound(error)) return
      }
      if (!this.#isAlive(pod)) return
      position.rewind()
      await sleep(this.#deps.clock, RETRY_MS, signal).catch(() => undefined)
    }
  }

  #isAlive(pod: Stored<Pod>): boolean {
    const now = this.#deps.store.pods.get(pod.metadata)
    return (
      now?.metadata.uid === pod.metadata.uid &&
      now.status?.phase !== 'Succeeded' &&
      now.status?.phase !== 'Failed'
    )
  }

  async *#lines(
    pod: Stored<Pod>,
    options: LogOptions,
    position: LogPosition,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const stream = await this.#deps.client.logs(pod.metadata, {
      container: CONTAINER_NAME,
      ...options,
      ...(position.at !== undefined && { sinceTime: wholeSecondsOf(position.at) }),
      timestamps: true,
      signal,
    })
    for await (const text of textLines(stream)) {
      const { time, line } = splitTime(text)
      if (position.take(time)) yield { pod: pod.metadata.name, time, line }
    }
  }
}

interface LogRequest {
  readonly pod: string | undefined
  /** Of a pod that is there when the reading starts. */
  firstOptions(pod: Stored<Pod>): LogOptions
  positionOf(pod: Stored<Pod>): LogPosition
}

function readQuery(query: PeerLogsQuery): LogRequest {
  const since = query.sinceTime === undefined ? undefined : timeField('sinceTime', query.sinceTime)
  const resume = query.resumeFrom === undefined ? {} : positions(query.resumeFrom)
  return {
    pod: query.pod,
    firstOptions: ({ metadata }) =>
      // Who goes on where it was cut off wants everything from there.
      query.resumeFrom !== undefined || Object.hasOwn(resume, metadata.name)
        ? {}
        : {
            ...(query.tail !== undefined && { tailLines: query.tail }),
            ...(query.sinceSeconds !== undefined && { sinceSeconds: query.sinceSeconds }),
            ...(query.previous !== undefined && { previous: query.previous }),
          },
    positionOf: ({ metadata }) => {
      const at = Object.hasOwn(resume, metadata.name) ? resume[metadata.name] : undefined
      if (at !== undefined) return new LogPosition(timeField('resumeFrom', at))
      // `sinceTime` means after it.
      return new LogPosition(since === undefined ? undefined : since + 1n)
    },
  }
}

function positions(text: string): LogPositions {
  try {
    return parseAs(LogPositions, JSON.parse(text), 'resumeFrom')
  } catch (cause) {
    throw new PorpulsionError(
      'Invalid',
      'InvalidRequest',
      'resumeFrom: is no JSON object of times by pod',
      { cause },
    )
  }
}

function timeField(field: string, text: string): bigint {
  const nanos = nanosOf(text)
  if (nanos !== undefined) return nanos
  throw new PorpulsionError(
    'Invalid',
    'InvalidRequest',
    `${field}: is no time like 2030-01-31T12:00:00Z`,
    {
      fields: [{ path: field, message: 'is no time like 2030-01-31T12:00:00Z' }],
    },
  )
}

const isWanted = (pod: Stored<Pod>, name: string | undefined): boolean =>
  name === undefined || pod.metadata.name === name

function isOf({ metadata }: Stored<Pod>, record: StoredExecutingApp): boolean {
  return (
    metadata.namespace === record.metadata.namespace &&
    metadata.labels?.[Label.App] === record.spec.submitter.uid
  )
}

/** A source without lines: it only holds a merge open. */
async function* untilAborted(signal: AbortSignal): AsyncGenerator<LogLine> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Bytes → lines. Split as bytes, so that no character is cut in two. */
async function* textLines(stream: Readable): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = rest.indexOf(0x0a, start); end !== -1; end = rest.indexOf(0x0a, start)) {
      yield rest.toString('utf8', start, end)
      start = end + 1
    }
    rest = rest.subarray(start)
    if (rest.length > MAX_LINE_BYTES) {
      yield rest.toString('utf8')
      rest = Buffer.alloc(0)
    }
  }
  if (rest.length > 0) yield rest.toString('utf8')
}

/** The API server writes the time and a space before each line. */
function splitTime(text: string): { readonly time: string; readonly line: string } {
  const space = text.indexOf(' ')
  const time = space === -1 ? text : text.slice(0, space)
  return nanosOf(time) === undefined
    ? { time: '', line: text }
    : { time, line: space === -1 ? '' : text.slice(space + 1).replace(/\r$/, '') }
}
