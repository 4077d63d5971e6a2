/** What happened of late, from two places: what people were told, and what people and peers did. */
import type { AuditEntry, Notification } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

export interface Activity {
  readonly id: string
  readonly time: string
  readonly tone: Tone
  /** A few words. */
  readonly title: string
  /** Words of others, as far as they are in it. */
  readonly text: string
}

interface ActivityOptions {
  readonly audit: readonly AuditEntry[]
  readonly notifications: readonly Notification[]
  readonly limit: number
}

/** Newest first. */
export function activityOf({ audit, notifications, limit }: ActivityOptions): readonly Activity[] {
  return [...notifications.map(told), ...audit.map(done)]
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time))
    .slice(0, limit)
}

const severityTones = { info: 'busy', warning: 'warn', error: 'bad' } as const

const told = ({ id, time, reason, message, severity, resolvedAt }: Notification): Activity => ({
  id: `notification ${id}`,
  time: resolvedAt ?? time,
  tone: resolvedAt === undefined ? severityTones[severity] : 'good',
  title: `${inWords(reason)}${resolvedAt === undefined ? '' : ', over'}`,
  text: message,
})

const outcomeTones = { done: 'idle', refused: 'warn', failed: 'bad' } as const

function done({ id, time, actor, action, about, outcome, reason, count }: AuditEntry): Activity {
  const times = count !== undefined && count > 1 ? `, ${count} times` : ''
  const why = reason === undefined ? '' : `: ${reason}`
  return {
    id: `audit ${id}`,
    time,
    tone: outcomeTones[outcome],
    title: `${inWords(action)}${outcome === 'done' ? '' : ` ${outcome}${why}`}${times}`,
    text: about === undefined ? `by ${actor}` : `${about}, by ${actor}`,
  }
}

/** `PeerAwaitingConfirmation`, `createInvite` → `Peer awaiting confirmation`, `Create invite`. */
export function inWords(name: string): string {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
