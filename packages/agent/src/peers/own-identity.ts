import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { PorpulsionError } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import { readCaCertificate } from './ca-certificate.ts'
import type { IdentityRecord } from './identity-record.ts'
import type { IdentityStore, StoredIdentity } from './identity-store.ts'
import type { Identity, OwnCa } from './identity.ts'
import { issueLeaf, type CaKeyPair } from './issue-certificates.ts'

export interface IdentityOptions {
  readonly name: string
  /** How long a leaf is good for. Default: a day. */
  readonly leafLifeMs?: number
}

/** Our identity as it is stored, with what a renewal does to it. */
export interface OwnIdentity extends Identity {
  readonly record: IdentityRecord
  /** The CA that is announced and not used yet. */
  readonly next: OwnCa | undefined
  /** The one that was given up and is still needed for peers that know no other. */
  readonly former: OwnCa | undefined
  /**
   * Resolves once the change is stored: nothing is done that a restart would not know of. `change` may be called again
   * when somebody else was faster.
   */
  update(change: (record: IdentityRecord) => IdentityRecord, signal: AbortSignal): Promise<void>
}

/** Who loses this often in a row has a defect. */
const maxWriteAttempts = 8

/** Throws if the parts do not belong together. */
export function createOwnIdentity(
  deps: { readonly store: IdentityStore; readonly clock: Clock },
  options: IdentityOptions,
  stored: StoredIdentity,
): OwnIdentity {
  const { store, clock } = deps
  const listeners = new Set<() => void>()
  let held = hold(stored)
  let writing: Promise<unknown> = Promise.resolve()

  function hold(identity: StoredIdentity) {
    const { record, version } = identity
    const { stage } = record
    const ca = (keys: CaKeyPair): OwnCa => ownCaOf(keys, options, clock)
    return {
      record,
      version,
      current: ca(record.keys),
      next: stage.kind === 'Announced' ? ca(stage.next) : undefined,
      former: stage.kind === 'Switched' ? ca(stage.former) : undefined,
    }
  }

  async function write(
    change: (record: IdentityRecord) => IdentityRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const before = held
    for (let attempt = 1; ; attempt++) {
      const record = change(held.record)
      if (record === held.record) break
      const version = await store.replace({ record, version: held.version }, signal)
      if (version !== undefined) {
        held = hold({ record, version })
        break
      }
      if (attempt === maxWriteAttempts) throw contended()
      const read = await store.read(signal)
      // Somebody deleted it: making another one is nobody's business here.
      if (read === undefined) throw gone()
      held = hold(read)
    }
    // Also when what was read is another record: an earlier write may have been stored though its answer was lost.
    if (held !== before) for (const listener of [...listeners]) listener()
  }

  return {
    name: options.name,
    get record() {
      return held.record
    },
    get origin() {
      return held.record.former[0] ?? held.current.fingerprint
    },
    get fingerprint() {
      return held.current.fingerprint
    },
    get caCertificatePem() {
      return held.current.caCertificatePem
    },
    get caCertificateDer() {
      return held.current.caCertificateDer
    },
    get next() {
      return held.next
    },
    get former() {
      return held.former
    },
    issueLeaf: () => held.current.issueLeaf(),
    sign: (bytes) => held.current.sign(bytes),
    isOurs: (fingerprint) =>
      [held.current.fingerprint, held.next?.fingerprint, ...held.record.former].includes(
        fingerprint,
      ),
    forPeer(fingerprint) {
      const { stage } = held.record
      const knowsFormer = stage.kind === 'Switched' && stage.untold.includes(fingerprint)
      return (knowsFormer ? held.former : undefined) ?? held.current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    update(change, signal) {
      const turn = writing.then(() => write(change, signal))
      writing = turn.catch(() => undefined)
      return turn
    },
  }
}

/** Throws if the key is not that of the certificate. */
export function ownCaOf(
  keys: CaKeyPair,
  { name, leafLifeMs }: IdentityOptions,
  clock: Pick<Clock, 'now'>,
): OwnCa {
  const reading = readCaCertificate(keys.certificatePem)
  if (reading.kind === 'invalid') throw new Error(`its certificate ${reading.message}`)
  const { ca } = reading
  const caKey = createPrivateKey(keys.keyPem)
  if (!createPublicKey(caKey).equals(ca.publicKey))
    throw new Error('its key is not that of its certificate')
  return {
    fingerprint: ca.fingerprint,
    caCertificatePem: ca.pem,
    caCertificateDer: ca.der,
    issueLeaf: () =>
      issueLeaf({
        name,
        fingerprint: ca.fingerprint,
        caCertificatePem: ca.pem,
        caKey,
        nowMs: clock.now(),
        ...(leafLifeMs !== undefined && { lifeMs: leafLifeMs }),
      }),
    sign: (bytes) => sign('sha256', bytes, caKey),
  }
}

const contended = (): PorpulsionError =>
  new PorpulsionError(
    'Conflict',
    'RecordContended',
    'Secret porpulsion-identity kept changing while it was written; try again',
  )

const gone = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'IdentityMissing',
    'Secret porpulsion-identity is gone; restore it from a backup',
  )
