import { randomUUID } from 'node:crypto'
import { Notification, PorpulsionError, type ApiEvent } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'

export type NewNotification = Pick<Notification, 'reason' | 'message' | 'severity'> &
  Partial<Pick<Notification, 'about'>>

export interface Notifications {
  start(signal: AbortSignal): Promise<void>
  /**
   * Adds one, or counts it on one with the same reason and subject nobody has seen yet. Resolves once stored; a cluster
   * that is away is logged, never the notifier's trouble.
   */
  notify(notification: NewNotification): Promise<void>
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

  return {
    start: (signal) => record.start(signal),

    async notify(notification) {
      let told: Notification | undefined
      try {
        await record.update(({ notifications }) => {
          const repeated = notifications.find((known) => isRepeat(known, notification))
          told = noted(notification, repeated, now())
          return { notifications: trimmed([...notifications.filter((n) => n !== repeated), told]) }
        })
      } catch (err) {
        logger.error({ err, reason: notification.reason }, 'Could not store a notification')
        return
      }
      if (told !== undefined) tell(told)
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

const subject = ({ about }: Pick<NewNotification, 'about'>): string =>
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

function trimmed(notifications: Ring['notifications']): Ring['notifications'] {
  if (notifications.length <= MAX_NOTIFICATIONS) return notifications
  const seen = notifications.findIndex(({ acknowledgedAt }) => acknowledgedAt !== undefined)
  return notifications.toSpliced(Math.max(seen, 0), 1)
}

const notFound = (id: string): PorpulsionError =>
  new PorpulsionError('NotFound', 'NotificationNotFound', `There is no notification "${id}"`)
