/** What of links changes all the time, told while somebody looks. */
import type { ApiEvent, LinkFigures } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import type { KnownPeer, PeerDirectory } from '../peers/index.ts'
import type { Links } from './links-api.ts'

export interface LinkFiguresDeps {
  readonly links: Pick<Links, 'facts'>
  readonly directory: Pick<PeerDirectory, 'list'>
  readonly clock: Clock
  /** Those who listen now, and nobody later. */
  readonly audience: {
    readonly tell: (event: ApiEvent) => void
    readonly isPresent: () => boolean
    /** Somebody came. */
    readonly onArrival: (listener: () => void) => void
  }
}

export interface LinkFiguresTeller {
  /** Idempotent. */
  stop(): void
}

export const TELL_INTERVAL_MS = 2_000

interface Counted {
  readonly atMs: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Costs nothing while nobody listens, and says nothing while nothing changes; who comes is told everything once. */
export function tellLinkFigures(deps: LinkFiguresDeps): LinkFiguresTeller {
  const { links, directory, clock, audience } = deps
  let counted = new Map<string, Counted>()
  let told = new Map<string, string>()
  let cancel: (() => void) | undefined
  let isStopped = false

  /** Rates need a count before: of a peer that is new here they are 0. */
  function figuresOf({ name, fingerprint }: KnownPeer): LinkFigures {
    const { latencyMs, receivedBytes, sentBytes } = links.facts(fingerprint)
    const atMs = clock.now()
    const before = counted.get(fingerprint) ?? { atMs, receivedBytes, sentBytes }
    counted.set(fingerprint, { atMs, receivedBytes, sentBytes })
    const rate = (bytes: number): number =>
      atMs <= before.atMs ? 0 : Math.max(0, Math.round((bytes * 1_000) / (atMs - before.atMs)))
    return {
      peer: name,
      ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs * 10) / 10 }),
      receivedBytesPerSecond: rate(receivedBytes - before.receivedBytes),
      sentBytesPerSecond: rate(sentBytes - before.sentBytes),
    }
  }

  function look(): void {
    cancel = undefined
    if (!audience.isPresent()) {
      counted = new Map()
      told = new Map()
      return
    }
    const now = directory.list().map((peer) => figuresOf(peer))
    const changed = now.filter((figures) => told.get(figures.peer) !== JSON.stringify(figures))
    told = new Map(now.map((figures) => [figures.peer, JSON.stringify(figures)]))
    if (changed.length > 0) audience.tell({ type: 'links', links: changed })
    lookLater()
  }

  function lookLater(): void {
    if (!isStopped) cancel = clock.setTimeout(look, TELL_INTERVAL_MS)
  }

  audience.onArrival(() => {
    told = new Map()
    if (cancel !== undefined || isStopped) return
    for (const peer of directory.list()) figuresOf(peer)
    lookLater()
  })

  return {
    stop() {
      isStopped = true
      cancel?.()
    },
  }
}
