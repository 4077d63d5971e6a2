/** What a notification is to whoever reads it. */
import { notificationReasons, type Notification } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

export const shownKinds = ['unseen', 'resolved', 'all'] as const
export type ShownKind = (typeof shownKinds)[number]

/** Seen is what somebody marked, or what is over. */
export const isUnseen = ({ acknowledgedAt, resolvedAt }: Notification): boolean =>
  acknowledgedAt === undefined && resolvedAt === undefined

export function shownOf(items: readonly Notification[], kind: ShownKind): readonly Notification[] {
  const shown = items.filter((item) =>
    kind === 'unseen' ? isUnseen(item) : kind === 'resolved' ? item.resolvedAt !== undefined : true,
  )
  return shown.sort((a, b) => latest(b) - latest(a))
}

const latest = ({ time, resolvedAt }: Notification): number => Date.parse(resolvedAt ?? time)

const tones = { info: 'busy', warning: 'warn', error: 'bad' } as const

export const toneOf = ({ severity, resolvedAt }: Notification): Tone =>
  resolvedAt === undefined ? tones[severity] : 'good'

/** What to do about it; nothing for a reason that a newer agent made up. */
export function todoOf({ reason }: Notification): string | undefined {
  return Object.hasOwn(notificationReasons, reason)
    ? notificationReasons[reason as keyof typeof notificationReasons].todo // its own key: see above
    : undefined
}

export type Step =
  | {
      readonly kind: 'app'
      readonly label: string
      readonly namespace: string
      readonly name: string
      readonly tab?: string
    }
  | {
      readonly kind: 'hosted'
      readonly label: string
      readonly namespace: string
      readonly name: string
      readonly tab?: string
    }
  | { readonly kind: 'peer'; readonly label: string; readonly name: string }
  | { readonly kind: 'approvals'; readonly label: string }
  | { readonly kind: 'settings'; readonly label: string; readonly section: string }

/** Where the next step is taken. */
export function stepOf({ reason, about }: Notification): Step | undefined {
  if (reason === 'ApprovalWaiting') return { kind: 'approvals', label: 'Review' }
  if (reason === 'TotalNearlyUsed') return { kind: 'settings', label: 'Totals', section: 'totals' }
  if (about === undefined) return undefined
  const { kind, name, namespace } = about
  if (kind === 'Peer')
    return { kind: 'peer', label: reason === 'PeerAwaitingConfirmation' ? 'Confirm' : 'Peer', name }
  if (namespace === undefined) return undefined
  const isCrash = reason === 'AppCrashLooping'
  return {
    kind: kind === 'RemoteApp' ? 'app' : 'hosted',
    label: isCrash ? 'Logs' : 'App',
    namespace,
    name,
    ...(isCrash && { tab: 'logs' }),
  }
}
