import { randomBytes } from 'node:crypto'
import type { ApiEvent } from '@porpulsion/contract'
import { EVENT_RING_BYTES, EVENT_RING_SIZE } from './limits.ts'

/** An event as it goes out; made once for all who listen. */
export interface FeedEvent {
  /** Left out for what is of the moment: nobody resumes from it. */
  readonly id?: string
  /** JSON of an ApiEvent. */
  readonly data: string
}

export interface Subscription {
  /** What the subscriber missed since the event it saw last; `undefined` when that is no longer known. */
  readonly missed: readonly FeedEvent[] | undefined
  /** Id of the newest event there is, to resume from when none comes. */
  readonly position: string
  readonly unsubscribe: () => void
}

/** Everything that changes, for whoever listens now or was away for a short while. */
export interface EventFeed {
  publish(event: ApiEvent): void
  /** To those who listen now; who was away does not get it later. */
  tell(event: ApiEvent): void
  isHeard(): boolean
  /** Called when somebody begins to listen. */
  onArrival(listener: () => void): void
  /** Without `lastEventId` nothing was missed: the subscriber has yet to read. */
  subscribe(lastEventId: string | undefined, listener: (event: FeedEvent) => void): Subscription
}

export function createEventFeed({
  size = EVENT_RING_SIZE,
  bytes = EVENT_RING_BYTES,
}: { readonly size?: number; readonly bytes?: number } = {}): EventFeed {
  // Numbers start again with every start of the agent, so they carry its name.
  const boot = randomBytes(6).toString('hex')
  const listeners = new Set<(event: FeedEvent) => void>()
  const onArrival: (() => void)[] = []
  let ring: FeedEvent[] = []
  let ringBytes = 0
  let newest = 0

  const idOf = (sequence: number): string => `${boot}-${sequence}`

  function since(lastEventId: string): readonly FeedEvent[] | undefined {
    const [bootOfId, number = ''] = lastEventId.split('-')
    const sequence = /^\d{1,15}$/.test(number) ? Number(number) : NaN
    const missing = newest - sequence
    if (bootOfId !== boot || !(missing >= 0) || missing > ring.length) return undefined
    return missing === 0 ? [] : ring.slice(-missing)
  }

  return {
    publish(event) {
      const data = JSON.stringify(event)
      newest++
      const published = { id: idOf(newest), data }
      ring.push(published)
      ringBytes += data.length
      // Rarely and a lot at once: shifting an array for every event would copy it for every event.
      if (ring.length > 2 * size || ringBytes > 2 * bytes) {
        ring = newestWithin(ring, size, bytes)
        ringBytes = ring.reduce((sum, { data: kept }) => sum + kept.length, 0)
      }
      for (const listener of listeners) listener(published)
    },
    tell(event) {
      if (listeners.size === 0) return
      const told = { data: JSON.stringify(event) }
      for (const listener of listeners) listener(told)
    },
    isHeard: () => listeners.size > 0,
    onArrival: (listener) => void onArrival.push(listener),
    subscribe(lastEventId, listener) {
      const missed = lastEventId === undefined ? [] : since(lastEventId)
      listeners.add(listener)
      for (const arrived of onArrival) arrived()
      return { missed, position: idOf(newest), unsubscribe: () => listeners.delete(listener) }
    },
  }
}

function newestWithin(ring: readonly FeedEvent[], size: number, bytes: number): FeedEvent[] {
  let first = ring.length
  let sum = 0
  while (first > 0 && ring.length - first < size) {
    sum += ring[first - 1]?.data.length ?? 0
    if (sum > bytes) break
    first--
  }
  return ring.slice(first)
}
