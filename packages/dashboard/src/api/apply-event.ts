import type {
  ApiEvent,
  ApprovalList,
  ExecutingApp,
  LinkFigures,
  ViolationList,
} from '@porpulsion/contract'
import type { QueryClient } from '@tanstack/react-query'
import { withPoint, type LinkTrails } from './link-trail.ts'
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

/** What each `changed` makes worth reading again. */
const changedKeys = {
  Approvals: [keys.approvals],
  Audit: [keys.audit],
  // The fingerprint by which others know us is part of it.
  Identity: [keys.status, keys.identity],
  Invites: [keys.invites],
  Sessions: [keys.sessions],
  Status: [keys.status],
  // Other rules are broken by other apps.
  Settings: [keys.settings, keys.violations, keys.usage, keys.peer],
  Tokens: [keys.tokens],
  Users: [keys.users],
} as const

/** Events of the stream, in their order, done to the cache: each list changes once, however many there are. */
export function applyEvents(client: QueryClient, events: readonly ApiEvent[]): void {
  const steps = new Map<readonly string[], Step[]>()
  for (const event of events)
    applyEvent(client, event, (key, step) => {
      const known = steps.get(key)
      if (known === undefined) steps.set(key, [step])
      else known.push(step)
    })
  for (const [key, some] of steps) change(client, key, some)
}

/** What an event does to a list, by the uid or name of its items. */
type Step = (items: Items) => void

function applyEvent(
  client: QueryClient,
  event: ApiEvent,
  toList: (key: readonly string[], step: Step) => void,
): void {
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
      toList(listKeys[event.kind], (items) => items.upsert(object))
      if (event.kind === 'ExecutingApp') rereadDecisions(client, event.object)
      return
    }
    case 'delete':
      toList(listKeys[event.kind], (items) => items.remove(event))
      if (event.kind === 'ExecutingApp') {
        void client.invalidateQueries({ queryKey: keys.approvals })
        void client.invalidateQueries({ queryKey: keys.violations })
      }
      return
    case 'changed': {
      for (const queryKey of changedKeys[event.kind]) void client.invalidateQueries({ queryKey })
      return
    }
    case 'links': {
      const known = client.getQueryData<readonly LinkFigures[]>(keys.links) ?? []
      const figures = withFigures(known, event.links)
      client.setQueryData(keys.links, figures)
      client.setQueryData<LinkTrails>(keys.linkTrails, (trails = {}) => withPoint(trails, figures))
      return
    }
    case 'reset':
      void client.invalidateQueries()
      return
    default:
      event satisfies never
  }
}

function change(client: QueryClient, queryKey: readonly string[], steps: readonly Step[]): void {
  const update = (): void => {
    client.setQueryData<List>(queryKey, (list) => {
      if (list === undefined) return undefined
      const items = new Items(list.items)
      for (const step of steps) step(items)
      return { ...list, items: items.inOrder() }
    })
  }
  update()
  // A list that is being read may have been put together before these events: done again to what arrives, or the
  // answer would undo them.
  const query = client.getQueryCache().find({ queryKey })
  if (query?.state.fetchStatus === 'fetching') void query.promise?.then(update, () => undefined)
}

/** An event tells only of the links whose figures changed. */
function withFigures(
  known: readonly LinkFigures[],
  changed: readonly LinkFigures[],
): readonly LinkFigures[] {
  const told = new Set(changed.map(({ peer }) => peer))
  return [...known.filter(({ peer }) => !told.has(peer)), ...changed]
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

/** A list under change. Found by uid, so that a hundred events for a list of thousands do not walk it a hundred times. */
class Items {
  readonly #items: (Identified | undefined)[]
  readonly #placeOf: Map<string | undefined, number>
  #isInOrder = true

  constructor(items: readonly Identified[]) {
    this.#items = [...items]
    this.#placeOf = new Map(items.map((item, place) => [item.metadata.uid, place]))
  }

  upsert(object: Identified): void {
    const place = this.#find(object.metadata)
    if (place !== undefined) {
      this.#items[place] = object
      return
    }
    this.#placeOf.set(object.metadata.uid, this.#items.push(object) - 1)
    this.#isInOrder = false
  }

  remove(gone: Identified['metadata']): void {
    const place = this.#find(gone)
    if (place !== undefined) this.#items[place] = undefined
  }

  inOrder(): readonly Identified[] {
    const items = this.#items.filter((item) => item !== undefined)
    return this.#isInOrder ? items : items.sort(byName)
  }

  #find(other: Identified['metadata']): number | undefined {
    const place = other.uid === undefined ? undefined : this.#placeOf.get(other.uid)
    if (place !== undefined) return this.#items[place] === undefined ? undefined : place
    const named = this.#items.findIndex((item) => item !== undefined && same(item, other))
    return named === -1 ? undefined : named
  }
}

function same(item: Identified, other: Identified['metadata']): boolean {
  if (item.metadata.uid !== undefined && other.uid !== undefined) {
    return item.metadata.uid === other.uid
  }
  if (item.metadata.name !== other.name) return false
  // Peers all live in the agent's own namespace, so what the stream says of one that is gone names none.
  return other.namespace === undefined || item.metadata.namespace === other.namespace
}

const names = new Intl.Collator('en')
const byName = (a: Identified, b: Identified): number =>
  names.compare(a.metadata.name, b.metadata.name)
