import type { ApiEvent } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import {
  createNotifications,
  MAX_MESSAGE_BYTES,
  MAX_NOTIFICATIONS,
  type NewNotification,
} from './notifications.ts'

async function theNotifications(store = createMemoryDocumentStore()) {
  const clock = new FakeClock()
  const events: ApiEvent[] = []
  const notifications = createNotifications({
    store,
    clock,
    logger: createLogger({ level: 'silent', agent: 'a' }),
    publish: (event) => events.push(event),
  })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await notifications.start(stop.signal)
  return { notifications, clock, events, store }
}

const notReady = (name: string, message = 'not ready'): NewNotification => ({
  reason: 'AppNotReadyInTime',
  message,
  severity: 'warning',
  about: { kind: 'RemoteApp', namespace: 'porpulsion', name, uid: `uid-${name}` },
})

test('a notification is listed, published and there after a restart', async () => {
  const { notifications, events, store } = await theNotifications()
  await notifications.notify(notReady('web'))
  const [listed] = notifications.list()
  expect(listed).toMatchObject({ ...notReady('web'), count: 1 })
  expect(events).toEqual([{ type: 'upsert', kind: 'Notification', object: listed }])
  const { notifications: restarted } = await theNotifications(store)
  expect(restarted.list()).toEqual([listed])
})

test('repeats are counted on one, which moves to the top with its latest words', async () => {
  const { notifications, clock } = await theNotifications()
  await notifications.notify(notReady('web', 'first'))
  await notifications.notify(notReady('other'))
  await clock.advance(5_000)
  await notifications.notify(notReady('web', 'second'))
  expect(notifications.list().map(({ message, count }) => [message, count])).toEqual([
    ['second', 2],
    ['not ready', 1],
  ])
  expect(notifications.list()[0]?.time).toBe(new Date(clock.now()).toISOString())
})

test('what was seen and happens again is a new notification', async () => {
  const { notifications } = await theNotifications()
  await notifications.notify(notReady('web'))
  expect(notifications.unacknowledged()).toBe(1)
  const seen = await notifications.acknowledge(notifications.list()[0]?.id ?? '')
  expect(seen).toHaveProperty('acknowledgedAt')
  expect(await notifications.acknowledge(seen.id)).toEqual(seen)
  expect(notifications.unacknowledged()).toBe(0)
  await notifications.notify(notReady('web'))
  expect(notifications.list()).toHaveLength(2)
  expect(notifications.unacknowledged()).toBe(1)
})

const linkLost: NewNotification = {
  reason: 'LinkLost',
  message: 'down',
  severity: 'warning',
  about: { kind: 'Peer', name: 'b' },
}

test('what lasts is told once, however often it is found, also once seen and after a restart', async () => {
  const { notifications, events, store } = await theNotifications()
  await Promise.all([notifications.raise(linkLost), notifications.raise(linkLost)])
  await notifications.acknowledge(notifications.list()[0]?.id ?? '')
  await notifications.raise({ ...linkLost, message: 'still down' })
  const { notifications: restarted } = await theNotifications(store)
  await restarted.raise(linkLost)
  expect(restarted.list()).toMatchObject([{ message: 'down', count: 1 }])
  expect(events).toHaveLength(2)
})

test('what is over needs nobody any more, and is news when it comes back', async () => {
  const { notifications, events, clock } = await theNotifications()
  await notifications.raise(linkLost)
  await notifications.raise({ ...linkLost, about: { kind: 'Peer', name: 'c' } })
  await clock.advance(5_000)
  await notifications.resolve(linkLost)
  const time = new Date(clock.now()).toISOString()
  expect(notifications.unacknowledged()).toBe(1)
  expect(notifications.list()[1]).toMatchObject({ acknowledgedAt: time, resolvedAt: time })
  expect(events).toHaveLength(3)
  await notifications.resolve(linkLost)
  expect(events).toHaveLength(3)
  await notifications.raise(linkLost)
  expect(notifications.list()).toHaveLength(3)
  expect(notifications.unacknowledged()).toBe(2)
})

test('acknowledging one that is not there is refused', async () => {
  const { notifications } = await theNotifications()
  await expect(notifications.acknowledge('nope')).rejects.toMatchObject({
    code: 'NotificationNotFound',
  })
})

test('at the bound a seen one makes room, else the oldest', async () => {
  const { notifications, store } = await theNotifications()
  await Promise.all(
    Array.from({ length: MAX_NOTIFICATIONS }, (_, i) => notifications.notify(notReady(`n${i}`))),
  )
  const second = notifications.list().find(({ about }) => about?.name === 'n1')
  await notifications.acknowledge(second?.id ?? '')
  const names = () => notifications.list().map(({ about }) => about?.name)
  await notifications.notify(notReady('new'))
  expect(names()).toHaveLength(MAX_NOTIFICATIONS)
  expect(names()).not.toContain('n1')
  expect(names()).toContain('n0')
  await notifications.notify(notReady('newer'))
  expect(names()).not.toContain('n0')
  expect(Buffer.byteLength((await store.read())?.text ?? '')).toBeLessThan(1024 * 1024)
})

test('a peer that makes one kind over and over pushes out no other that nobody has seen', async () => {
  const { notifications } = await theNotifications()
  await notifications.notify({ reason: 'LinkLost', severity: 'warning', message: 'lost' })
  await Promise.all(
    Array.from({ length: MAX_NOTIFICATIONS + 5 }, (_, i) =>
      notifications.notify(notReady(`n${i}`)),
    ),
  )
  expect(notifications.list()).toHaveLength(MAX_NOTIFICATIONS)
  expect(notifications.list().map(({ reason }) => reason)).toContain('LinkLost')
})

test('the longest messages of a full ring fit into a ConfigMap', async () => {
  const { notifications, store } = await theNotifications()
  await Promise.all(
    Array.from({ length: MAX_NOTIFICATIONS }, (_, i) =>
      notifications.notify(notReady(`n${i}`, '€'.repeat(100_000))),
    ),
  )
  expect(notifications.list()[0]?.message).toMatch(/^€+…$/)
  expect(Buffer.byteLength(notifications.list()[0]?.message ?? '')).toBeLessThanOrEqual(
    MAX_MESSAGE_BYTES,
  )
  expect(Buffer.byteLength((await store.read())?.text ?? '')).toBeLessThan(1024 * 1024)
})

test('a cluster that is away does not fail whoever notifies', async () => {
  const { notifications, store, events } = await theNotifications()
  vi.spyOn(store, 'write').mockRejectedValueOnce(new Error('away'))
  await expect(notifications.notify(notReady('web'))).resolves.toBeUndefined()
  expect(events).toEqual([])
})
