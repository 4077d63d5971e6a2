/** The logs of an app at its host, as one stream that outlives the link. */
import { isPorpulsionError, type LogLine, type PeerLogsQuery } from '@porpulsion/contract'
import { sleep, type Clock } from '../observability/index.ts'
import { LogPosition } from './log-position.ts'
import { timeOf } from './log-time.ts'
import type { LinkWatch } from './link-watch.ts'
import type { PeerLinks } from './neighbours.ts'

export interface RemoteLogsDeps {
  readonly links: Pick<PeerLinks, 'stream'>
  readonly linkWatch: LinkWatch
  readonly clock: Clock
}

export interface RemoteLogsSource {
  readonly peerFingerprint: string
  readonly uid: string
}

/** Pods remembered for going on; beyond this those silent longest are read from their beginning again. */
const MAX_POSITIONS = 60
const RETRY_MS = 1_000
/** How long a reader that does not follow waits for a link that broke under it. */
const RESUME_TIMEOUT_MS = 60_000

/**
 * Rejects when the host refuses, or cannot be reached at first. Once lines flow, a break of the link is only a pause:
 * every line comes once.
 */
export async function streamRemoteLogs(
  deps: RemoteLogsDeps,
  source: RemoteLogsSource,
  query: PeerLogsQuery,
  signal: AbortSignal,
): Promise<AsyncIterable<LogLine>> {
  const first = await open(deps, source, query, signal)
  return resumed(deps, source, query, first, signal)
}

async function* resumed(
  deps: RemoteLogsDeps,
  source: RemoteLogsSource,
  query: PeerLogsQuery,
  first: AsyncIterable<LogLine>,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const positions = new Map<string, LogPosition>()
  const openedAt = deps.clock.now()
  let lines = first
  /** When the log last moved on; what has not for long ends for a reader that does not follow. */
  let movedAt = openedAt
  for (;;) {
    let hasMoved = false
    try {
      for await (const line of lines)
        if (isNew(positions, line)) {
          hasMoved = true
          movedAt = deps.clock.now()
          yield line
        }
      // An end while the link is gone is the link's end, not the log's.
      if (query.follow !== true || deps.linkWatch.now(source.peerFingerprint).kind === 'up') return
    } catch (error) {
      if (signal.aborted) return
      const isTooLong = query.follow !== true && deps.clock.now() - movedAt >= RESUME_TIMEOUT_MS
      if (!isBreak(error) || isTooLong) throw error
      // A host whose own cluster is away takes the question and has no answer: asked at once again, it would be asked
      // a hundred times a second.
      if (!hasMoved) await untilUpOrLater(deps, source.peerFingerprint, signal)
    }
    for (const position of positions.values()) position.rewind()
    const next = resumeQuery(query, positions, openedAt)
    lines = await reopen(deps, source, next, signal)
  }
}

function isNew(positions: Map<string, LogPosition>, { pod, time }: LogLine): boolean {
  const known = positions.get(pod) ?? new LogPosition()
  // Moved to the end: the order is that of the last line.
  positions.delete(pod)
  positions.set(pod, known)
  if (positions.size > MAX_POSITIONS) {
    const [silent] = positions.keys()
    if (silent !== undefined) positions.delete(silent)
  }
  return known.take(time)
}

/** From where every pod was left; what limited the first look limits nothing that came since. */
function resumeQuery(
  query: PeerLogsQuery,
  positions: ReadonlyMap<string, LogPosition>,
  openedAtMs: number,
): PeerLogsQuery {
  const { tail: _tail, sinceSeconds: _since, ...rest } = query
  const from: Record<string, string> = {}
  for (const [pod, { at }] of positions) if (at !== undefined) from[pod] = timeOf(at)
  const wasSilent = Object.keys(from).length === 0
  return {
    ...rest,
    // Nothing had come: then everything since is new, and what was before is as it was asked.
    ...(wasSilent &&
      query.sinceTime === undefined && { sinceTime: new Date(openedAtMs).toISOString() }),
    resumeFrom: JSON.stringify(from),
  }
}

/** Waits for the link as long as the reader does. */
async function reopen(
  deps: RemoteLogsDeps,
  source: RemoteLogsSource,
  query: PeerLogsQuery,
  signal: AbortSignal,
): Promise<AsyncIterable<LogLine>> {
  const { clock } = deps
  const giveUpAt = query.follow === true ? Infinity : clock.now() + RESUME_TIMEOUT_MS
  for (;;) {
    try {
      return await open(deps, source, query, signal)
    } catch (error) {
      if (signal.aborted || !isBreak(error) || clock.now() >= giveUpAt) throw error
    }
    await untilUpOrLater(deps, source.peerFingerprint, signal)
  }
}

async function untilUpOrLater(
  { linkWatch, clock }: RemoteLogsDeps,
  fingerprint: string,
  signal: AbortSignal,
): Promise<void> {
  let off = (): void => undefined
  const change = new Promise<void>((resolve) => {
    off = linkWatch.onChange((changed) => {
      if (changed === fingerprint && linkWatch.now(fingerprint).kind === 'up') resolve()
    })
  })
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([change, sleep(clock, RETRY_MS, stop.signal)])
  } finally {
    off()
    signal.removeEventListener('abort', onAbort)
    stop.abort()
  }
}

async function open(
  { links }: RemoteLogsDeps,
  { peerFingerprint, uid }: RemoteLogsSource,
  query: PeerLogsQuery,
  signal: AbortSignal,
): Promise<AsyncIterable<LogLine>> {
  return await links.stream(peerFingerprint, 'streamAppLogs', { params: { uid }, query, signal })
}

/** What time mends: the link, or a host that just starts. */
function isBreak(error: unknown): boolean {
  return isPorpulsionError(error) && (error.kind === 'Unavailable' || error.kind === 'Timeout')
}
