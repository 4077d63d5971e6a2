import { formatFingerprint, PorpulsionError } from '@porpulsion/contract'
import { fingerprintWords } from './fingerprint-words.ts'
import type { Identity } from './identity.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'
import type { StoredPeerDirectory } from './stored-peer-directory.ts'

export interface ConfirmPeerDeps {
  readonly identity: Pick<Identity, 'forPeer'>
  readonly store: PeerStore
  readonly directory: StoredPeerDirectory
}

/**
 * The operator says that the fingerprints match. `compared` is what was read out over the phone: the peer's
 * fingerprint, in any spelling, or the six words.
 */
export async function confirmPeer(
  { identity, store, directory }: ConfirmPeerDeps,
  name: string,
  compared: string | undefined,
): Promise<StoredPeer> {
  const stored = store.get(name)
  const standing = directory.standing(name)
  if (stored === undefined || standing === undefined || standing.kind === 'leaving')
    throw peerNotFound(name)
  if (standing.kind === 'refused')
    throw new PorpulsionError('FailedPrecondition', standing.reason, standing.message)
  // What the other operator sees of itself: the CA it has now.
  const { fingerprint } = standing.chain.current
  if (compared !== undefined) {
    const words = await fingerprintWords(
      identity.forPeer(standing.peer.fingerprint).fingerprint,
      fingerprint,
    )
    if (!isSame(compared, fingerprint, words))
      throw new PorpulsionError(
        'Conflict',
        'FingerprintMismatch',
        `That is not peer "${name}": its fingerprint is ${formatFingerprint(fingerprint)}, the six words are "${words}". If the other operator sees something else, somebody is in between: remove the peer`,
      )
  }
  if (stored.spec.confirmed === true) return stored
  return await store.updateSpec(stored, { confirmed: true })
}

/** As people write them: in groups, with colons, in capitals, with more than one space. */
function isSame(compared: string, fingerprint: string, words: string): boolean {
  const letters = compared.toLowerCase()
  return (
    letters.replaceAll(/[^0-9a-z]/g, '') === fingerprint ||
    letters
      .trim()
      .split(/[^a-z]+/)
      .join(' ') === words
  )
}

export function peerNotFound(name: string): PorpulsionError {
  return new PorpulsionError('NotFound', 'PeerNotFound', `There is no peer "${name}"`)
}
