import { PorpulsionError } from '@porpulsion/contract'
import type { StoredPeer } from './peer-store.ts'

/** Under which name a peer that asked for none is kept when nobody is there to choose another. */
export function freeName(
  wanted: string,
  fingerprint: string,
  taken: (name: string) => boolean,
): string {
  if (!taken(wanted)) return wanted
  const suffix = `-${fingerprint.slice(0, 6)}`
  return `${wanted.slice(0, 63 - suffix.length).replace(/-+$/, '')}${suffix}`
}

/** For our own operator, who can choose: a clash is an error that says how. */
export function requireFree(name: string, existing: StoredPeer | undefined): void {
  if (existing === undefined) return
  const leaving = existing.metadata.deletionTimestamp !== undefined
  throw new PorpulsionError(
    'AlreadyExists',
    'PeerExists',
    leaving
      ? `Peer "${name}" is still being removed; try again in a moment, or choose another name with --as`
      : `There is another peer named "${name}"; choose another name with --as`,
  )
}
