/** Keeps the query cache true: one event stream for everything, with resume; nothing polls lists. */
import { endpoints, type ApiEvent } from '@porpulsion/contract'
import type { QueryClient } from '@tanstack/react-query'
import { applyEvents } from './apply-event.ts'
import { keys } from './queries.ts'

export type Connection = 'connecting' | 'live' | 'lost'

/** The part of an EventSource that is used here. */
export type Source = Pick<EventSource, 'readyState' | 'onopen' | 'onerror' | 'onmessage' | 'close'>

export interface FollowDeps {
  readonly client: QueryClient
  readonly openSource?: (url: string) => Source
  readonly onConnection: (state: Connection) => void
}

/** `EventSource.CLOSED`: the browser has given up. */
const CLOSED = 2
const REOPEN_AFTER_MS = 2_000
/** Events within it change the page once: fifty a second are more than anybody reads. */
const GATHER_MS = 100

/** Runs until closed. A broken connection is resumed by the browser itself, with Last-Event-ID. */
export function followEvents({
  client,
  openSource = (url) => new EventSource(url),
  onConnection,
}: FollowDeps): () => void {
  let source: Source | undefined
  let reopening: ReturnType<typeof setTimeout> | undefined
  let gathered: ApiEvent[] = []
  let gathering: ReturnType<typeof setTimeout> | undefined

  const apply = (): void => {
    const events = gathered
    gathered = []
    gathering = undefined
    applyEvents(client, events)
  }

  const open = (): void => {
    const opened = openSource(endpoints.streamEvents.path)
    source = opened
    let isNew = true
    opened.onopen = () => {
      onConnection('live')
      // A new stream tells nothing of what changed between the lists' answers and now. One that the browser resumed
      // does: the agent sends what was missed, or `reset`.
      if (isNew) void client.invalidateQueries()
      isNew = false
    }
    opened.onerror = () => {
      onConnection('lost')
      if (opened.readyState !== CLOSED) return
      // An answer that is no stream (an ended session, an agent that is starting) makes a browser give up for good.
      void client.invalidateQueries({ queryKey: keys.session })
      reopening = setTimeout(open, REOPEN_AFTER_MS)
    }
    opened.onmessage = (message: MessageEvent<string>) => {
      gathered.push(JSON.parse(message.data) as ApiEvent) // our own agent, of the same version as this page
      gathering ??= setTimeout(apply, GATHER_MS)
    }
  }

  open()
  return () => {
    clearTimeout(reopening)
    clearTimeout(gathering)
    source?.close()
  }
}
