import { IdentityRenewal } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import type { CaKeyPair } from './issue-certificates.ts'

const Keys = Type.Object({ certificatePem: Type.String(), keyPem: Type.String() })
/** Peers, by the fingerprint we keep them under. */
const PeerIds = Type.Array(Type.String())

/** How far a renewal of our CA is. Each step is one write, so that whoever starts anew finds either end of it. */
export const RenewalStage = Type.Union([
  Type.Object({
    kind: Type.Literal('Settled'),
    /** A renewal that was cancelled, and who has yet to hear so. */
    withdrawn: Type.Optional(Type.Object({ fingerprint: Type.String(), untold: PeerIds })),
  }),
  /** The new CA exists and is announced; nothing uses it. */
  Type.Object({
    kind: Type.Literal('Announced'),
    since: Type.String(),
    next: Keys,
    announcement: IdentityRenewal,
    knownTo: PeerIds,
  }),
  /** The new CA is ours; the former is kept for those who know no other. */
  Type.Object({
    kind: Type.Literal('Switched'),
    since: Type.String(),
    former: Keys,
    announcement: IdentityRenewal,
    untold: PeerIds,
  }),
])
export type RenewalStage = Static<typeof RenewalStage>

/** What lies beside the CA in Secret `porpulsion-identity` once it was renewed, or is being. */
export const RenewalRecord = Type.Object({
  /** Of the last announcement or withdrawal. */
  sequence: Type.Integer(),
  /** Fingerprints of the CAs we had, the first one first. */
  former: Type.Array(Type.String()),
  renewedAt: Type.Optional(Type.String()),
  stage: RenewalStage,
})
export type RenewalRecord = Static<typeof RenewalRecord>

/** Our CA, and how far its renewal is: all that is known of who we are. */
export interface IdentityRecord extends RenewalRecord {
  readonly keys: CaKeyPair
}

export const neverRenewed: RenewalRecord = { sequence: 0, former: [], stage: { kind: 'Settled' } }

/** The renewal begins: the key pair exists from here on, and is announced. */
export function announced(
  record: IdentityRecord,
  next: CaKeyPair,
  announcement: IdentityRenewal,
  since: string,
): IdentityRecord {
  if (record.stage.kind !== 'Settled') return record
  // Made beside another renewal, which is over meanwhile: it is signed by a key that counts no more.
  if (record.former.includes(announcement.former)) return record
  return {
    ...record,
    sequence: announcement.sequence,
    stage: { kind: 'Announced', since, next, announcement, knownTo: [] },
  }
}

/** This peer has pinned the new CA, or has heard that it shall forget it: what it was to be told. */
export function told(record: IdentityRecord, sequence: number, peer: string): IdentityRecord {
  const { stage } = record
  // An answer to an earlier announcement says nothing of this one.
  if (sequence !== record.sequence) return record
  switch (stage.kind) {
    case 'Announced':
      return { ...record, stage: { ...stage, knownTo: [...without(stage.knownTo, peer), peer] } }
    case 'Switched':
      return { ...record, stage: { ...stage, untold: without(stage.untold, peer) } }
    case 'Settled': {
      if (stage.withdrawn === undefined) return record
      const untold = without(stage.withdrawn.untold, peer)
      return { ...record, stage: { ...stage, withdrawn: { ...stage.withdrawn, untold } } }
    }
    default:
      return stage satisfies never
  }
}

/** The new CA is ours from here on. `peers`: all that there are; who has not confirmed keeps seeing the former. */
export function switched(
  record: IdentityRecord,
  peers: readonly string[],
  since: string,
): IdentityRecord {
  const { stage } = record
  if (stage.kind !== 'Announced') return record
  const { next, announcement, knownTo } = stage
  return {
    ...record,
    keys: next,
    former: [...record.former, announcement.former],
    renewedAt: since,
    stage: {
      kind: 'Switched',
      since,
      former: record.keys,
      announcement,
      untold: peers.filter((peer) => !knownTo.includes(peer)),
    },
  }
}

/** This peer was added anew, and has seen the CA that we have now: nothing else is known to it any more. */
export function met(record: IdentityRecord, peer: string): IdentityRecord {
  const { stage } = record
  switch (stage.kind) {
    case 'Announced':
      return stage.knownTo.includes(peer)
        ? { ...record, stage: { ...stage, knownTo: without(stage.knownTo, peer) } }
        : record
    case 'Switched':
      return stage.untold.includes(peer)
        ? { ...record, stage: { ...stage, untold: without(stage.untold, peer) } }
        : record
    case 'Settled':
      return record
    default:
      return stage satisfies never
  }
}

/** The former key is gone for good. */
export function retired(record: IdentityRecord): IdentityRecord {
  return record.stage.kind === 'Switched' ? { ...record, stage: { kind: 'Settled' } } : record
}

/** The new key is gone for good; `peers` may have pinned its CA, and are told that it does not count. */
export function withdrawn(
  record: IdentityRecord,
  fingerprint: string,
  peers: readonly string[],
): IdentityRecord {
  if (record.stage.kind !== 'Announced') return record
  return {
    ...record,
    // An answer to the announcement that is still on its way must not count as one to this.
    sequence: record.sequence + 1,
    stage: { kind: 'Settled', withdrawn: { fingerprint, untold: [...peers] } },
  }
}

/** Nobody is left to be told of what was withdrawn. */
export function forgotten(record: IdentityRecord): IdentityRecord {
  return record.stage.kind === 'Settled' && record.stage.withdrawn !== undefined
    ? { ...record, stage: { kind: 'Settled' } }
    : record
}

const without = (peers: readonly string[], peer: string): string[] =>
  peers.filter((known) => known !== peer)
