/**
 * Apps deleted here without word from their host: it still runs them, and is told as soon as it is back. Bounded: the
 * oldest are forgotten first, and would then be noticed by the inventory of their host.
 */
import { Type, type Static } from 'typebox'

export const Tombstone = Type.Object({
  uid: Type.String(),
  namespace: Type.String(),
  name: Type.String(),
  peerName: Type.String(),
  peerFingerprint: Type.String(),
  deletedAt: Type.String(),
  /** What may still be at the host, for people. */
  remaining: Type.Array(Type.String()),
})
export type Tombstone = Static<typeof Tombstone>

export const Tombstones = Type.Array(Tombstone)
export type Tombstones = Static<typeof Tombstones>

export const MAX_TOMBSTONES = 1_000

export function withTombstone(all: Tombstones, tombstone: Tombstone): Tombstones {
  const others = all.filter(({ uid }) => uid !== tombstone.uid)
  return [...others, tombstone].slice(-MAX_TOMBSTONES)
}

/** The very same list when there was none, so that nothing is written. */
export function withoutTombstone(all: Tombstones, uid: string): Tombstones {
  return all.some((one) => one.uid === uid) ? all.filter((one) => one.uid !== uid) : all
}

export function withoutPeer(all: Tombstones, fingerprint: string): Tombstones {
  return all.some((one) => one.peerFingerprint === fingerprint)
    ? all.filter((one) => one.peerFingerprint !== fingerprint)
    : all
}
