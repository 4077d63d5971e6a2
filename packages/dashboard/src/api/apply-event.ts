import type { ApiEvent, ApprovalList, ExecutingApp, ViolationList } from '@porpulsion/contract'
import type { QueryClient } from '@tanstack/react-query'
import { keys } from './queries.ts'

interface Identified {
  readonly metadata: { readonly uid?: string; readonly name: string; readonly namespace?: string }
}

interface List {
  readonly items: readonly Identified[]
}

const listKeys = {
  Peer: keys.peers,
  RemoteApp: keys.remoteApps,
  ExecutingApp: keys.executingApps,
} as const

/** What each `changed` makes worth reading again; this page shows neither tokens nor users. */
const changedKeys = {
  Approvals: keys.approvals,
  Invites: keys.invites,
  Status: keys.status,
  // Other rules are broken by other apps.
  Settings: keys.violations,
  Tokens: undefined,
  Users: undefined,
} as const

/** One event of the stream, done to the cache. */
export function applyEvent(client: QueryClient, event: ApiEvent): void {
  switch (event.type) {
    case 'upsert': {
      if (event.kind === 'Notification') {
        void client.invalidateQueries({ queryKey: keys.notifications })
        // A tunnel that a peer asks for is no object of its own: that it waits is all that is said.
        if (event.object.reason === 'ApprovalWaiting')
          void client.invalidateQueries({ queryKey: keys.approvals })
        return
      }
      const { object } = event
      // A removed peer may still be reported once by its link, which is on its way down: the list knows.
      if (event.kind === 'Peer' && !isListed(client, object)) {
        void client.invalidateQueries({ queryKey: keys.peers })
        return
      }
      change(client, listKeys[event.kind], (list) => upsert(list, object))
      if (event.kind === 'ExecutingApp') rereadDecisions(client, event.object)
      return
    }
    case 'delete':
      change(client, listKeys[event.kind], (list) => remove(list, event))
      if (event.kind === 'ExecutingApp') {
        void client.invalidateQueries({ queryKey: keys.approvals })
        void client.invalidateQueries({ queryKey: keys.violations })
      }
      return
    case 'changed': {
      const queryKey = changedKeys[event.kind]
      if (queryKey !== undefined) void client.invalidateQueries({ queryKey })
      return
    }
    case 'reset':
      void client.invalidateQueries()
      return
    default:
      event satisfies never
  }
}

function change(
  client: QueryClient,
  queryKey: readonly string[],
  step: (list: List) => List,
): void {
  const update = (): void => {
    client.setQueryData<List>(queryKey, (list) => (list === undefined ? undefined : step(list)))
  }
  update()
  // A list that is being read may have been put together before this event: done again to what arrives, or the
  // answer would undo it.
  const query = client.getQueryCache().find({ queryKey })
  if (query?.state.fetchStatus === 'fetching') void query.promise?.then(update, () => undefined)
}

/** Both lists are made of the records of apps. Most events of these are a pod that became ready, and change neither. */
function rereadDecisions(client: QueryClient, { metadata, spec }: ExecutingApp): void {
  const waits = spec.hold !== undefined || spec.update !== undefined
  const waiting = client.getQueryData<ApprovalList>(keys.approvals)?.items ?? []
  if (waits || waiting.some(({ app }) => app.uid === spec.submitter.uid))
    void client.invalidateQueries({ queryKey: keys.approvals })
  const breaking = client.getQueryData<ViolationList>(keys.violations)?.items ?? []
  if (breaking.some(({ uid }) => uid === metadata.uid))
    void client.invalidateQueries({ queryKey: keys.violations })
}

function isListed(client: QueryClient, object: Identified): boolean {
  const list = client.getQueryData<List>(keys.peers)
  return list?.items.some((item) => same(item, object.metadata)) ?? false
}

function upsert(list: List, object: Identified): List {
  const others = list.items.filter((item) => !same(item, object.metadata))
  return { ...list, items: [...others, object].sort(byName) }
}

function remove(list: List, gone: Identified['metadata']): List {
  return { ...list, items: list.items.filter((item) => !same(item, gone)) }
}

function same(item: Identified, other: Identified['metadata']): boolean {
  if (item.metadata.uid !== undefined && other.uid !== undefined) {
    return item.metadata.uid === other.uid
  }
  if (item.metadata.name !== other.name) return false
  // Peers all live in the agent's own namespace, so what the stream says of one that is gone names none.
  return other.namespace === undefined || item.metadata.namespace === other.namespace
}

const byName = (a: Identified, b: Identified): number =>
  a.metadata.name.localeCompare(b.metadata.name)
