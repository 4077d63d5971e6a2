import type { IdentityRecord } from './identity-record.ts'
import type { CaKeyPair } from './issue-certificates.ts'

export interface StoredIdentity {
  readonly record: IdentityRecord
  /** Changes with every write. */
  readonly version: string
}

/** Where the CA lies. What it throws is worth a retry: the identity may well be there and only out of reach. */
export interface IdentityStore {
  /** Undefined only if it is certain that there is none. */
  read(signal: AbortSignal): Promise<StoredIdentity | undefined>
  /** Never overwrites. Undefined: somebody else was first. */
  create(keys: CaKeyPair, signal: AbortSignal): Promise<StoredIdentity | undefined>
  /** All of it at once, and only if this very version is there: the new version. Undefined: it is not. */
  replace(identity: StoredIdentity, signal: AbortSignal): Promise<string | undefined>
  /** Whether there are peers that know us by an identity. */
  hasPeers(signal: AbortSignal): Promise<boolean>
}
