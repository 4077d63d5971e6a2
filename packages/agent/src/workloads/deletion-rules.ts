/** How the deletion of an app goes on: it always ends, and never silently leaves something behind. */
import type { LinkNow } from './link-watch.ts'
import { since } from './remote-app-obstacle.ts'
import type { Obstacle } from './submission-record.ts'

export interface DeletionInput {
  /** The peer it was sent to; undefined when that was removed. */
  readonly peer: { readonly name: string; readonly message: string | undefined } | undefined
  readonly link: LinkNow | undefined
  /** The host says that nothing is left. */
  readonly isGone: boolean
  /** Why the host could not be asked, besides the link. */
  readonly failure: Obstacle | undefined
  /** What the host says is left. */
  readonly remaining: readonly string[]
  readonly deletedAtMs: number
  /** The user does not want to wait. */
  readonly isForced: boolean
  readonly nowMs: number
}

export type DeletionDecision =
  | { readonly kind: 'let-go'; readonly message: string }
  /** Gone here; the host is told when it is back. */
  | { readonly kind: 'bury'; readonly message: string }
  | {
      readonly kind: 'wait'
      readonly deletion: { readonly waitingSince: string; readonly message: string }
      /** The host works on it: asking again soon makes sense. */
      readonly isAnswered: boolean
      /** When waiting ends at the latest. */
      readonly waitMs: number
    }

/** After this time nobody has to wait for a host any longer. */
export const MAX_WAIT_MS = 60 * 60_000
const MAX_NAMED = 5

export function decideDeletion(input: DeletionInput): DeletionDecision {
  const { peer, isGone, isForced, deletedAtMs, nowMs } = input
  if (peer === undefined)
    return {
      kind: 'let-go',
      message: 'Deleted; its peer was removed, and what ran there is not ours to delete any more',
    }
  if (isGone)
    return { kind: 'let-go', message: `Deleted; nothing of it is left at peer "${peer.name}"` }
  const waitMs = deletedAtMs + MAX_WAIT_MS - nowMs
  if (isForced || waitMs <= 0)
    return {
      kind: 'bury',
      message: `Deleted without waiting for peer "${peer.name}", which is told as soon as it is back`,
    }
  return { kind: 'wait', waitMs, ...waiting(input, peer) }
}

function waiting(
  { link, failure, remaining, deletedAtMs }: DeletionInput,
  peer: NonNullable<DeletionInput['peer']>,
): Omit<Extract<DeletionDecision, { kind: 'wait' }>, 'kind' | 'waitMs'> {
  if (link?.kind === 'down') {
    const waitingSince = since(Math.max(deletedAtMs, link.sinceMs))
    const why = peer.message === undefined ? '' : ` (${peer.message})`
    return {
      deletion: {
        waitingSince,
        message: `Deleting, waiting for peer ${peer.name} since ${waitingSince}${why}; --force does not wait`,
      },
      isAnswered: false,
    }
  }
  const waitingSince = since(deletedAtMs)
  const named = remaining.slice(0, MAX_NAMED).join(', ')
  const more = remaining.length > MAX_NAMED ? `, and ${remaining.length - MAX_NAMED} more` : ''
  const message =
    failure?.message ??
    `Deleting at peer ${peer.name}${named === '' ? '' : `; left there: ${named}${more}`}`
  return { deletion: { waitingSince, message }, isAnswered: true }
}
