import type { CaKeyPair } from './issue-certificates.ts'

/** Where the CA lies. What it throws is worth a retry: the identity may well be there and only out of reach. */
export interface IdentityStore {
  /** Undefined only if it is certain that there is none. */
  read(signal: AbortSignal): Promise<CaKeyPair | undefined>
  /** Never overwrites. `exists`: somebody else was first. */
  create(keys: CaKeyPair, signal: AbortSignal): Promise<'created' | 'exists'>
  /** Whether there are peers that know us by an identity. */
  hasPeers(signal: AbortSignal): Promise<boolean>
}
