/** Keeps the query cache true: one event stream for everything, with resume; nothing polls lists. */
import { endpoints, type ApiEvent } from '@porpulsion/contract'
import type { QueryClient, QueryFilters } from '@tanstack/react-query'
import { applyEvents } from './apply-event.ts'
import { keys } from './queries.ts'

/** `connecting` until the first stream stands or could not be had. */
export type Connection = 'connecting' | 'live' | 'lost'

/** The part of an EventSource that is used here. */
export type Source = Pick<EventSource, 'readyState' | 'onopen' | 'onerror' | 'onmessage' | 'close'>

export interface LiveDeps {
  readonly client: QueryClient
  readonly openSource?: (url: string) => Source
}

/** One event stream; opened and closed as often as somebody signs in and out. */
export interface Live {
  /** Does nothing while it is open. */
  readonly open: () => void
  readonly close: () => void
  readonly connection: () => Connection
  readonly subscribe: (listener: () => void) => () => void
}

/** `EventSource.CLOSED`: the browser has given up. */
const CLOSED = 2
const REOPEN_AFTER_MS = 2_000
/** Events within it change the page once: fifty a second are more than anybody reads. */
const GATHER_MS = 100

/** A broken connection is resumed by the browser itself, with Last-Event-ID. */
export function createLive({ client, openSource = (url) => new EventSource(url) }: LiveDeps): Live {
  const listeners = new Set<() => void>()
  let connection: Connection = 'connecting'
  let source: Source | undefined
  let reopening: ReturnType<typeof setTimeout> | undefined
  let gathered: ApiEvent[] = []
  let gathering: ReturnType<typeof setTimeout> | undefined

  const turn = (state: Connection): void => {
    connection = state
    for (const listener of listeners) listener()
  }

  const apply = (): void => {
    const events = gathered
    gathered = []
    gathering = undefined
    applyEvents(client, events)
  }

  const openOne = (isFirst: boolean): void => {
    const opened = openSource(endpoints.streamEvents.path)
    source = opened
    let isNew = true
    opened.onopen = () => {
      // A new stream tells nothing of what changed between the lists' answers and now: what was asked for before it
      // stood is asked for again. A stream that the browser resumed does tell: the agent sends what was missed, or
      // `reset`.
      if (isNew) readAgain(client, isFirst)
      isNew = false
      turn('live')
    }
    opened.onerror = () => {
      turn('lost')
      if (opened.readyState !== CLOSED) return
      // An answer that is no stream (an ended session, an agent that is starting) makes a browser give up for good.
      void client.invalidateQueries({ queryKey: keys.session })
      reopening = setTimeout(() => openOne(false), REOPEN_AFTER_MS)
    }
    opened.onmessage = (message: MessageEvent<string>) => {
      gathered.push(JSON.parse(message.data) as ApiEvent) // our own agent, of the same version as this page
      gathering ??= setTimeout(apply, GATHER_MS)
    }
  }

  return {
    open() {
      if (source === undefined) openOne(true)
    },
    close() {
      clearTimeout(reopening)
      clearTimeout(gathering)
      gathering = undefined
      gathered = []
      source?.close()
      source = undefined
      turn('connecting')
    },
    connection: () => connection,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** All that was asked for until now; but for the session, without which the first stream would not have been opened. */
function readAgain(client: QueryClient, isFirst: boolean): void {
  const asked = new Set(client.getQueryCache().getAll())
  if (isFirst)
    for (const query of client.getQueryCache().findAll({ queryKey: keys.session }))
      asked.delete(query)
  const before: QueryFilters = { predicate: (query) => asked.has(query) }
  // Also what is still on its way: a first answer would otherwise be taken for a fresh one.
  void client.cancelQueries(before).then(() => client.invalidateQueries(before))
}
