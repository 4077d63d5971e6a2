import { randomUUID } from 'node:crypto'
import {
  Notification,
  PorpulsionError,
  type ApiEvent,
  type NotificationReason,
} from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'

export type NewNotification = Pick<Notification, 'message' | 'severity'> &
  Partial<Pick<Notification, 'about'>> & { readonly reason: NotificationReason }

/** Something that lasts, by what it is and whom it is about. */
export type Trouble = Pick<NewNotification, 'reason' | 'about'>

export interface Notifications {
  start(signal: AbortSignal): Promise<void>
  /**
   * Adds one, or counts it on one with the same reason and subject nobody has seen yet. Resolves once stored; a cluster
   * that is away is logged, never the notifier's trouble.
   */
  notify(notification: NewNotification): Promise<void>
  /**
   * Adds one unless it is there and not resolved, seen or not: what lasts is told once, also across restarts, however
   * often it is found. Cheap when there is nothing to do.
   */
  raise(notification: NewNotification): Promise<void>
  /** What was raised is over: it needs nobody's attention any more, and is news when it comes back. */
  resolve(trouble: Trouble): Promise<void>
  /** Newest first. */
  list(): readonly Notification[]
  unacknowledged(): number
  /** Idempotent. Throws `NotificationNotFound`. */
  acknowledge(id: string): Promise<Notification>
}

/** At the bound the oldest goes, seen ones first: the ConfigMap holds 1 MiB. */
export const MAX_NOTIFICATIONS = 500
/** 500 of these fit. Words of peers and programs are in messages, so somebody else decides how long they are. */
export const MAX_MESSAGE_BYTES = 1_024

/** Oldest first, as they came. */
const NotificationRecord = Type.Object({ notifications: Type.Array(Notification) })
type Ring = Static<typeof NotificationRecord>

export function createNotifications(deps: {
  /** ConfigMap `porpulsion-notifications`. */
  readonly store: DocumentStore
  readonly clock: Clock
  readonly logger: Logger
  readonly publish: (event: ApiEvent) => void
}): Notifications {
  const { clock, logger, publish } = deps
  const record = createStoredRecord(deps.store, {
    schema: NotificationRecord,
    empty: { notifications: [] },
  })
  const now = (): string => new Date(clock.now()).toISOString()
  const tell = (object: Notification): void =>
    publish({ type: 'upsert', kind: 'Notification', object })

  /** Whoever found the trouble has others to think of. */
  async function stored(reason: string, change: (ring: Ring) => Ring): Promise<boolean> {
    try {
      await record.update(change)
      return true
    } catch (err) {
      logger.error({ err, reason }, 'Could not store a notification')
      return false
    }
  }

  return {
    start: (signal) => record.start(signal),

    async notify(notification) {
      let told: Notification | undefined
      const isStored = await stored(notification.reason, ({ notifications }) => {
        const repeated = notifications.find((known) => isRepeat(known, notification))
        told = noted(notification, repeated, now())
        return { notifications: trimmed([...notifications.filter((n) => n !== repeated), told]) }
      })
      if (isStored && told !== undefined) tell(told)
    },

    async raise(notification) {
      const isRaised = ({ notifications }: Ring): boolean =>
        notifications.some((known) => lasts(known, notification))
      if (isRaised(record.current())) return
      let told: Notification | undefined
      const isStored = await stored(notification.reason, (ring) => {
        told = isRaised(ring) ? undefined : noted(notification, undefined, now())
        return told === undefined ? ring : { notifications: trimmed([...ring.notifications, told]) }
      })
      if (isStored && told !== undefined) tell(told)
    },

    async resolve(trouble) {
      if (!record.current().notifications.some((known) => lasts(known, trouble))) return
      const over = new Map<Notification, Notification>()
      const isStored = await stored(trouble.reason, ({ notifications }) => {
        over.clear()
        for (const known of notifications)
          if (lasts(known, trouble)) over.set(known, resolved(known, now()))
        return { notifications: notifications.map((known) => over.get(known) ?? known) }
      })
      if (isStored) for (const known of over.values()) tell(known)
    },

    list: () => record.current().notifications.toReversed(),

    unacknowledged: () =>
      record.current().notifications.filter(({ acknowledgedAt }) => acknowledgedAt === undefined)
        .length,

    async acknowledge(id) {
      let seen: Notification | undefined
      await record.update((ring) => {
        const found = ring.notifications.find((known) => known.id === id)
        if (found === undefined) throw notFound(id)
        seen = found
        if (found.acknowledgedAt !== undefined) return ring
        const acknowledged = { ...found, acknowledgedAt: now() }
        seen = acknowledged
        return {
          notifications: ring.notifications.map((known) =>
            known === found ? acknowledged : known,
          ),
        }
      })
      if (seen === undefined) throw notFound(id)
      tell(seen)
      return seen
    },
  }
}

/** What somebody has seen is over: if it happens again, that is news. */
function isRepeat(known: Notification, next: NewNotification): boolean {
  return (
    known.acknowledgedAt === undefined &&
    known.reason === next.reason &&
    subject(known) === subject(next)
  )
}

const lasts = (known: Notification, trouble: Trouble): boolean =>
  known.resolvedAt === undefined &&
  known.reason === trouble.reason &&
  subject(known) === subject(trouble)

const resolved = (known: Notification, time: string): Notification => ({
  ...known,
  acknowledgedAt: known.acknowledgedAt ?? time,
  resolvedAt: time,
})

const subject = ({
  about,
}: Pick<Notification, 'about'> | Pick<NewNotification, 'about'>): string =>
  about === undefined
    ? ''
    : JSON.stringify([about.kind, about.namespace ?? '', about.name, about.uid ?? ''])

function noted(
  { reason, message, severity, about }: NewNotification,
  repeated: Notification | undefined,
  time: string,
): Notification {
  return {
    id: repeated?.id ?? randomUUID(),
    time,
    reason,
    message: shortened(message),
    severity,
    ...(about !== undefined && { about }),
    count: (repeated?.count ?? 0) + 1,
  }
}

function shortened(message: string): string {
  const bytes = Buffer.from(message)
  if (bytes.length <= MAX_MESSAGE_BYTES) return message
  const kept = bytes.subarray(0, MAX_MESSAGE_BYTES - '…'.length * 3).toString()
  // The cut may go through a character.
  return `${kept.replace(/\uFFFD+$/, '')}…`
}

/** A seen one goes first; else the oldest of what comes most often: who floods us pushes out nothing but the flood. */
function trimmed(notifications: Ring['notifications']): Ring['notifications'] {
  if (notifications.length <= MAX_NOTIFICATIONS) return notifications
  const seen = notifications.findIndex(({ acknowledgedAt }) => acknowledgedAt !== undefined)
  if (seen !== -1) return notifications.toSpliced(seen, 1)
  const most = mostFrequent(notifications.map(({ reason }) => reason))
  return notifications.toSpliced(
    notifications.findIndex(({ reason }) => reason === most),
    1,
  )
}

function mostFrequent(reasons: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most?.[0]
}

const notFound = (id: string): PorpulsionError =>
  new PorpulsionError('NotFound', 'NotificationNotFound', `There is no notification "${id}"`)
