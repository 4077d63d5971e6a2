import type { ApiEvent } from '@porpulsion/contract'
import { QueryClient } from '@tanstack/react-query'
import { expect, onTestFinished, test } from 'vitest'
import { applyEvents } from './apply-event.ts'
import { keys } from './queries.ts'

const applyEvent = (client: QueryClient, ...events: readonly ApiEvent[]): void =>
  applyEvents(client, events)

const app = (name: string, uid = name, image = 'nginx') => ({
  apiVersion: 'porpulsion.io/v1alpha1' as const,
  kind: 'RemoteApp' as const,
  metadata: { name, namespace: 'shop', uid },
  spec: { image, targetPeer: 'b' },
})
const appears = (object: ReturnType<typeof app>): ApiEvent => ({
  type: 'upsert',
  kind: 'RemoteApp',
  object,
})
const goes = (name: string, uid = name): ApiEvent => ({
  type: 'delete',
  kind: 'RemoteApp',
  name,
  namespace: 'shop',
  uid,
})

function aClient(...apps: readonly ReturnType<typeof app>[]): QueryClient {
  const client = new QueryClient()
  onTestFinished(() => client.clear())
  client.setQueryData(keys.remoteApps, { items: apps })
  return client
}

const shown = (client: QueryClient): unknown => client.getQueryData(keys.remoteApps)
const isStale = (client: QueryClient, key: readonly string[]): boolean | undefined =>
  client.getQueryState(key)?.isInvalidated

test('an app appears in its place, changes in place, and goes', () => {
  const client = aClient(app('a'), app('c'))
  applyEvent(client, appears(app('b')))
  expect(shown(client)).toEqual({ items: [app('a'), app('b'), app('c')] })
  applyEvent(client, appears(app('b', 'b', 'caddy')))
  expect(shown(client)).toEqual({ items: [app('a'), app('b', 'b', 'caddy'), app('c')] })
  applyEvent(client, goes('a'))
  expect(shown(client)).toEqual({ items: [app('b', 'b', 'caddy'), app('c')] })
})

test('the end of an app does not take its re-created namesake along', () => {
  const client = aClient(app('web', 'second'))
  applyEvent(client, goes('web', 'first'))
  expect(shown(client)).toEqual({ items: [app('web', 'second')] })
})

test('many events at once come to the same as one after the other, and tell of one change', () => {
  const client = aClient(app('a'), app('c'))
  let changes = 0
  const unsubscribe = client.getQueryCache().subscribe(({ type }) => {
    if (type === 'updated') changes++
  })
  onTestFinished(unsubscribe)
  applyEvent(
    client,
    appears(app('b')),
    goes('a'),
    appears(app('b', 'b', 'caddy')),
    appears(app('a', 'again')),
    goes('a'),
    goes('c', 'another'),
  )
  expect(shown(client)).toEqual({ items: [app('a', 'again'), app('b', 'b', 'caddy'), app('c')] })
  expect(changes).toBe(1)
})

test('a peer goes by its name alone', () => {
  const peer = (name: string) => ({ metadata: { name, namespace: 'porpulsion', uid: name } })
  const client = aClient()
  client.setQueryData(keys.peers, { items: [peer('a'), peer('b')] })
  applyEvent(client, { type: 'delete', kind: 'Peer', name: 'a' })
  expect(client.getQueryData(keys.peers)).toEqual({ items: [peer('b')] })
})

test('a list that nobody has read is not made up of events', () => {
  const client = new QueryClient()
  applyEvent(client, appears(app('a')))
  expect(shown(client)).toBeUndefined()
})

test('an event that overtakes the answer of a list is not undone by it', async () => {
  const client = aClient()
  let answer = (_list: unknown): void => undefined
  const reading = client.query({
    queryKey: keys.remoteApps,
    queryFn: () => new Promise((resolve) => (answer = resolve)),
  })
  applyEvent(client, appears(app('new')))
  applyEvent(client, goes('old'))
  answer({ items: [app('old')] })
  await reading
  expect(shown(client)).toEqual({ items: [app('new')] })
})

test('a reset makes everything worth reading again, a change only what it names', () => {
  const client = aClient()
  client.setQueryData(keys.invites, { items: [] })
  applyEvent(client, { type: 'changed', kind: 'Invites' })
  expect([isStale(client, keys.invites), isStale(client, keys.remoteApps)]).toEqual([true, false])
  applyEvent(client, { type: 'reset' })
  expect(isStale(client, keys.remoteApps)).toBe(true)
})

const approval = (uid: string) => ({ id: `${uid}.hash`, app: { uid } })
const hosted = (uid: string, spec: object = {}) =>
  ({
    type: 'upsert',
    kind: 'ExecutingApp',
    object: { metadata: { name: uid, uid: `${uid}-here` }, spec: { submitter: { uid }, ...spec } },
  }) as ApiEvent // with all that is looked at
const notified = (reason: string) =>
  ({ type: 'upsert', kind: 'Notification', object: { reason } }) as ApiEvent // as above

test.each<[string, ApiEvent, boolean]>([
  ['an app that waits', hosted('new', { hold: { state: 'Pending' } }), true],
  ['an update that waits', hosted('new', { update: {} }), true],
  ['a listed app that waits no more', hosted('listed'), true],
  ['an app that goes', { type: 'delete', kind: 'ExecutingApp', name: 'x' }, true],
  ['a decision', { type: 'changed', kind: 'Approvals' }, true],
  ['word of a tunnel that waits', notified('ApprovalWaiting'), true],
  ['an app that only runs', hosted('new'), false],
  ['word of something else', notified('NotReady'), false],
])('what waits for approval is read again after %s', (_what, event, isRead) => {
  const client = aClient()
  client.setQueryData(keys.approvals, { items: [approval('listed')] })
  applyEvent(client, event)
  expect(isStale(client, keys.approvals)).toBe(isRead)
})

test.each<[string, ApiEvent, boolean]>([
  ['other rules', { type: 'changed', kind: 'Settings' }, true],
  ['a change of an app that breaks one', hosted('broken'), true],
  ['an app that goes', { type: 'delete', kind: 'ExecutingApp', name: 'x' }, true],
  ['a change of an app that breaks none', hosted('other'), false],
])('what breaks the rules is read again after %s', (_what, event, isRead) => {
  const client = aClient()
  client.setQueryData(keys.violations, { items: [{ uid: 'broken-here' }] })
  applyEvent(client, event)
  expect(isStale(client, keys.violations)).toBe(isRead)
})

test('figures of links replace those told before, and leave alone links they do not tell of', () => {
  const client = aClient()
  const of = (peer: string, latencyMs: number) => ({
    peer,
    latencyMs,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
  })
  applyEvent(client, { type: 'links', links: [of('b', 1), of('c', 2)] })
  applyEvent(client, { type: 'links', links: [of('b', 9)] })
  expect(client.getQueryData(keys.links)).toEqual([of('c', 2), of('b', 9)])
})
