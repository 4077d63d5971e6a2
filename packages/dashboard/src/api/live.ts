/** Keeps the query cache true: one event stream for everything, with resume; nothing polls lists. */
import { endpoints, type ApiEvent } from '@porpulsion/contract'
import type { QueryClient } from '@tanstack/react-query'
import { keys } from './queries.ts'

export type Connection = 'connecting' | 'live' | 'lost'

interface Identified {
  readonly metadata: { readonly uid?: string; readonly name: string; readonly namespace?: string }
}

interface List {
  readonly items: readonly Identified[]
}

/** Runs until closed. EventSource reconnects by itself and sends Last-Event-ID. */
export function followEvents(
  client: QueryClient,
  onConnection: (state: Connection) => void,
): () => void {
  const source = new EventSource(endpoints.streamEvents.path)
  source.onopen = () => {
    onConnection('live')
  }
  source.onerror = () => {
    onConnection('lost')
  }
  source.onmessage = (message: MessageEvent<string>) => {
    apply(client, JSON.parse(message.data) as ApiEvent) // our own agent, of the same version as this page
  }
  return () => source.close()
}

const listKeys = {
  Peer: keys.peers,
  RemoteApp: keys.remoteApps,
  ExecutingApp: keys.executingApps,
} as const

function apply(client: QueryClient, event: ApiEvent): void {
  switch (event.type) {
    case 'upsert':
      if (event.kind === 'Notification') {
        void client.invalidateQueries({ queryKey: keys.notifications })
        return
      }
      client.setQueryData<List>(listKeys[event.kind], (list) => upsert(list, event.object))
      return
    case 'delete':
      client.setQueryData<List>(listKeys[event.kind], (list) => remove(list, event))
      return
    case 'changed':
    case 'reset':
      void client.invalidateQueries()
      return
    default:
      event satisfies never
  }
}

function upsert(list: List | undefined, object: Identified): List | undefined {
  if (list === undefined) return undefined
  const others = list.items.filter((item) => !same(item, object.metadata))
  return { ...list, items: [...others, object].sort(byName) }
}

function remove(list: List | undefined, gone: Identified['metadata']): List | undefined {
  if (list === undefined) return undefined
  return { ...list, items: list.items.filter((item) => !same(item, gone)) }
}

function same(item: Identified, other: Identified['metadata']): boolean {
  if (item.metadata.uid !== undefined && other.uid !== undefined) {
    return item.metadata.uid === other.uid
  }
  return item.metadata.name === other.name && item.metadata.namespace === other.namespace
}

const byName = (a: Identified, b: Identified): number =>
  a.metadata.name.localeCompare(b.metadata.name)
