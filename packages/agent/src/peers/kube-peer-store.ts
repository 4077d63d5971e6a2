import {
  API_GROUP,
  API_VERSION,
  FINALIZER,
  PorpulsionError,
  type Peer as PeerObject,
  type PeerSpec,
  type PeerStatus,
} from '@porpulsion/contract'
import {
  addFinalizer,
  hasFinalizer,
  Informer,
  isAlreadyExists,
  isNotFound,
  KubeError,
  removeFinalizer,
  resourceKind,
  type InformerDeps,
  type KubeObject,
  type Stored,
} from '@porpulsion/kube'
import type { RemovalChoices } from './known-peer.ts'
import { peerNotFound } from './confirm-peer.ts'
import { requireFree } from './peer-name.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'

type Resource = KubeObject & { spec: PeerSpec; status?: PeerStatus }

export const PeerKind = resourceKind<Resource>({
  group: API_GROUP,
  version: API_VERSION,
  plural: 'peers',
  kind: 'Peer',
  namespaced: true,
})

/** Written by `requestDeletion`, so that a removal ends as asked even if the agent dies in the middle. */
const choicesAnnotation = `${API_GROUP}/on-removal`
/** How long a write waits for our own cache to show it. If the watch is down, the next list will. */
const seenTimeoutMs = 5_000

export function createKubePeerStore(
  deps: InformerDeps,
  options: { readonly namespace: string },
): PeerStore {
  const { client, clock } = deps
  const { namespace } = options
  const informer = new Informer<Resource>(deps, { kind: PeerKind, namespace })
  const ref = (name: string): { namespace: string; name: string } => ({ namespace, name })

  /** What the cache shows is at least this, or another object by now. */
  function shows(written: Stored<Resource>): boolean {
    const cached = informer.get(ref(written.metadata.name))
    return (
      cached !== undefined &&
      (cached.metadata.uid !== written.metadata.uid ||
        Number(cached.metadata.resourceVersion) >= Number(written.metadata.resourceVersion))
    )
  }

  function whenShown(written: Stored<Resource>): Promise<StoredPeer> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        unsubscribe()
        resolve(peerOf(written))
      }
      const cancel = clock.setTimeout(done, seenTimeoutMs)
      let unsubscribe = (): void => undefined
      unsubscribe = informer.on(() => {
        if (shows(written)) done()
      })
      if (shows(written)) done()
    })
  }

  return {
    start: (signal) => informer.start(signal),
    stop: () => informer.stop(),
    get(name) {
      const stored = informer.get(ref(name))
      return stored === undefined ? undefined : peerOf(stored)
    },
    list: () => informer.list().map(peerOf),
    onChange: (listener) => informer.on(({ object }) => listener(object.metadata.name)),

    create: (name, spec) =>
      guarded(async () => {
        try {
          const written = await client.create(PeerKind, { metadata: ref(name), spec })
          return await whenShown(written)
        } catch (error) {
          if (!isAlreadyExists(error)) throw error
          const existing = await client.get(PeerKind, ref(name))
          requireFree(name, peerOf(existing))
          throw error
        }
      }),

    updateSpec: (peer, change) =>
      guarded(async () => {
        if (Object.keys(change).length === 0) return peer
        const body = { metadata: { uid: peer.metadata.uid }, spec: change }
        try {
          const name = peer.metadata.name
          return await whenShown(await client.patch(PeerKind, ref(name), { kind: 'merge', body }))
        } catch (error) {
          throw isNotFound(error) ? peerNotFound(peer.metadata.name) : error
        }
      }),

    writeStatus: (peer, status) =>
      ignoringGone(() => client.applyStatus(PeerKind, ref(peer.metadata.name), status)),

    async hold(peer) {
      const stored = storedOf(peer)
      if (!hasFinalizer(stored, FINALIZER))
        await ignoringGone(() => addFinalizer(client, PeerKind, stored, FINALIZER))
    },

    requestDeletion: (peer, choices) =>
      guarded(() =>
        ignoringGone(async () => {
          const { name, uid } = peer.metadata
          const annotations = { [choicesAnnotation]: JSON.stringify(choices) }
          const body = { metadata: { uid, annotations } }
          await client.patch(PeerKind, ref(name), { kind: 'merge', body })
          await client.delete(PeerKind, ref(name), { uid })
        }),
      ),

    removalChoices: (peer) => readChoices(peer.metadata.annotations?.[choicesAnnotation]),

    release: (peer) => removeFinalizer(client, PeerKind, storedOf(peer), FINALIZER),
  }
}

/** The CRD's schema guarantees spec and status; the API server guarantees the metadata. */
const peerOf = (stored: Stored<Resource>): StoredPeer =>
  stored as unknown as PeerObject as StoredPeer

const storedOf = (peer: StoredPeer): Stored<Resource> => peer as unknown as Stored<Resource>

function readChoices(text: string | undefined): RemovalChoices | undefined {
  if (text === undefined) return undefined
  // An annotation can be edited by anybody who may edit Peers; what is not plainly a choice is none.
  const keepsApps = text.includes('"executingApps":"keep"')
  const forgets = text.includes('"remoteApps":"forget"')
  return {
    executingApps: keepsApps ? 'keep' : 'delete',
    remoteApps: forgets ? 'forget' : 'keep',
  }
}

async function ignoringGone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** What an operator's request ran into, in words for the operator. */
async function guarded<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof KubeError)) throw cause
    const refused = cause.status >= 400 && cause.status < 500
    throw new PorpulsionError(
      refused ? 'FailedPrecondition' : 'Unavailable',
      refused ? 'ClusterRefused' : 'ClusterUnavailable',
      refused
        ? `The cluster refused to write the Peer: ${cause.message}`
        : `The cluster could not be asked about Peers: ${cause.message}`,
      { cause },
    )
  }
}
