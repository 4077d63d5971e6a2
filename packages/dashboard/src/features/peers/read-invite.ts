/** An invite as it was pasted, explained before anything is sent. Brings the schema checker: load it when it is needed. */
import { decodeInviteBundle, type InviteBundle } from '@porpulsion/contract'

export type ReadInvite =
  | { readonly kind: 'unreadable'; readonly problem: string }
  | {
      readonly kind: 'read'
      readonly bundle: InviteBundle
      readonly transport: 'ws' | 'wss'
      readonly isExpired: boolean
    }

export function readInvite(pasted: string, nowMs: number): ReadInvite {
  try {
    const bundle = decodeInviteBundle(pasted)
    return {
      kind: 'read',
      bundle,
      transport: /^(https|wss):/i.test(bundle.url) ? 'wss' : 'ws',
      isExpired: !(Date.parse(bundle.expiresAt) > nowMs),
    }
  } catch (error) {
    return { kind: 'unreadable', problem: error instanceof Error ? error.message : String(error) }
  }
}
