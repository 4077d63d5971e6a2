import { PorpulsionError, type PeerRemoval } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import { peerNotFound } from './confirm-peer.ts'
import type { RemovalChoices, RemovalCounts } from './known-peer.ts'
import type { PeerReconciler } from './peer-reconciler.ts'
import type { PeerStore } from './peer-store.ts'
import { revokeChain, type Revocations } from './revocations.ts'
import type { StoredPeerDirectory } from './stored-peer-directory.ts'

export interface RemovePeerDeps {
  readonly store: PeerStore
  readonly directory: StoredPeerDirectory
  readonly revocations: Revocations
  readonly reconciler: PeerReconciler
  readonly clock: Clock
}

/** How long the caller is kept waiting; the removal itself goes on. */
const waitMs = 45_000

/**
 * Ends all sessions at once – the revoked list takes the peer out of the directory, and links follow that – and the
 * rest in its order. The resource carries the choices, so that a restart half-way finishes what was asked for.
 */
export async function removePeer(
  deps: RemovePeerDeps,
  name: string,
  choices: RemovalChoices,
  signal: AbortSignal,
): Promise<PeerRemoval> {
  const stored = deps.store.get(name)
  if (stored === undefined) throw peerNotFound(name)
  const standing = deps.directory.standing(name)
  if (standing?.kind === 'known')
    await revokeChain(deps.revocations, standing.chain, name, deps.clock)
  const removed = deps.reconciler.whenRemoved(stored.metadata.uid)
  await deps.store.requestDeletion(stored, choices)
  return { name, ...(await withinWait(deps.clock, removed, name, signal)) }
}

function withinWait(
  clock: Clock,
  removed: Promise<RemovalCounts>,
  name: string,
  signal: AbortSignal,
): Promise<RemovalCounts> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      reject(
        new PorpulsionError(
          'Timeout',
          'PeerRemovalPending',
          `Peer "${name}" has no access any more; clearing up after it goes on in the background`,
        ),
      )
    const cancel = clock.setTimeout(late, waitMs)
    signal.addEventListener('abort', late, { once: true })
    void removed.then(resolve).finally(() => {
      cancel()
      signal.removeEventListener('abort', late)
    })
  })
}
