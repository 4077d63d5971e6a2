import type { ServerResponse } from 'node:http'
import { PorpulsionError } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import type { EventFeed, FeedEvent } from './event-feed.ts'
import { every } from './every.ts'
import {
  EVENT_KEEP_ALIVE_MS,
  MAX_EVENT_BACKLOG_BYTES,
  MAX_EVENT_STREAMS,
  RIGHTS_RECHECK_MS,
} from './limits.ts'

export interface EventStreams {
  /**
   * Sends the feed as server-sent events until the reader goes, falls too far behind, or `isStillAllowed` says no.
   * Throws `TooManyStreams` at the bound.
   */
  open(answer: () => ServerResponse, request: EventStreamRequest): void
  /** Ends all of them. */
  stop(): void
}

export interface EventStreamRequest {
  readonly lastEventId: string | undefined
  /** Asked every second: a session may have ended since. */
  readonly isStillAllowed: () => boolean
}

export function createEventStreams(feed: EventFeed, clock: Clock): EventStreams {
  const open = new Set<ServerResponse>()

  return {
    open(answer, { lastEventId, isStillAllowed }) {
      if (open.size >= MAX_EVENT_STREAMS) throw tooMany()
      const response = answer()
      open.add(response)

      const send = (text: string): void => {
        if (response.writableEnded) return
        // Not buffered for: whoever cannot keep up reads the state anew, which costs less than every step to it.
        if (response.writableLength > MAX_EVENT_BACKLOG_BYTES) response.destroy()
        else response.write(text)
      }
      const { missed, position, unsubscribe } = feed.subscribe(lastEventId, (event) =>
        send(formatEvent(event)),
      )
      response.flushHeaders()
      if (missed === undefined) send(formatEvent({ id: position, data: '{"type":"reset"}' }))
      // An id alone is no event, but what a browser resumes from when the link breaks before the first one.
      else send(missed.length === 0 ? `id: ${position}\n\n` : missed.map(formatEvent).join(''))

      const cancelBeat = every(clock, EVENT_KEEP_ALIVE_MS, () => send(': still here\n\n'))
      // Whoever does not read gets a second more for what is under way.
      const cancelRecheck = every(clock, RIGHTS_RECHECK_MS, () => {
        if (response.writableEnded) response.destroy()
        else if (!isStillAllowed()) response.end()
      })
      response.once('close', () => {
        cancelBeat()
        cancelRecheck()
        unsubscribe()
        open.delete(response)
      })
    },
    stop() {
      for (const response of open) response.end()
    },
  }
}

/** Without an id a browser goes on resuming from the one before. */
const formatEvent = ({ id, data }: FeedEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `There are ${MAX_EVENT_STREAMS} event streams open; close some pages`,
    { retryAfterSeconds: 10 },
  )
