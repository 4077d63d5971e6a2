import { randomUUID } from 'node:crypto'
import { GROUP_VERSION, type PeerSpec } from '@porpulsion/contract'
import { requireFree } from '../../src/peers/peer-name.ts'
import type { RemovalChoices } from '../../src/peers/known-peer.ts'
import type { PeerStore, StoredPeer } from '../../src/peers/peer-store.ts'

export interface MemoryPeerStore extends PeerStore {
  /** As `kubectl apply` does. */
  apply(name: string, spec: PeerSpec): StoredPeer
  /** As `kubectl delete` does. */
  delete(name: string): void
  readonly statusWrites: number
}

/** Peer resources with finalizers and deletion, as an API server keeps them. */
export function createMemoryPeerStore(now: () => number): MemoryPeerStore {
  const peers = new Map<string, StoredPeer>()
  const choices = new Map<string, RemovalChoices>()
  const listeners = new Set<(name: string) => void>()
  let statusWrites = 0

  const put = (peer: StoredPeer): StoredPeer => {
    peers.set(peer.metadata.name, peer)
    for (const listener of listeners) listener(peer.metadata.name)
    return peer
  }
  const is = (peer: StoredPeer): StoredPeer | undefined => {
    const stored = peers.get(peer.metadata.name)
    return stored?.metadata.uid === peer.metadata.uid ? stored : undefined
  }
  const forget = (name: string): void => {
    peers.delete(name)
    for (const listener of listeners) listener(name)
  }
  const withMeta = (peer: StoredPeer, meta: object): StoredPeer => ({
    ...peer,
    metadata: { ...peer.metadata, ...meta },
  })

  function apply(name: string, spec: PeerSpec): StoredPeer {
    const old = peers.get(name)
    if (old !== undefined) return put({ ...old, spec })
    return put({
      apiVersion: GROUP_VERSION,
      kind: 'Peer',
      metadata: {
        name,
        namespace: 'porpulsion',
        uid: randomUUID(),
        generation: 1,
        creationTimestamp: new Date(now()).toISOString(),
      },
      spec,
    })
  }

  function deletePeer(name: string): void {
    const peer = peers.get(name)
    if (peer === undefined) return
    if ((peer.metadata.finalizers ?? []).length === 0) forget(name)
    else put(withMeta(peer, { deletionTimestamp: new Date(now()).toISOString() }))
  }

  return {
    apply,
    delete: deletePeer,
    get statusWrites() {
      return statusWrites
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    get: (name) => peers.get(name),
    list: () => [...peers.values()],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    create(name, spec) {
      requireFree(name, peers.get(name))
      return Promise.resolve(apply(name, spec))
    },
    updateSpec(peer, change) {
      const stored = is(peer)
      if (stored === undefined) throw new Error(`Peer ${peer.metadata.name} is gone`)
      return Promise.resolve(put({ ...stored, spec: { ...stored.spec, ...change } }))
    },
    writeStatus(peer, status) {
      const stored = is(peer)
      if (stored !== undefined) {
        statusWrites++
        put({ ...stored, status })
      }
      return Promise.resolve()
    },
    hold(peer) {
      const stored = is(peer)
      if (stored !== undefined && stored.metadata.finalizers === undefined)
        put(withMeta(stored, { finalizers: ['porpulsion.io/cleanup'] }))
      return Promise.resolve()
    },
    requestDeletion(peer, chosen) {
      choices.set(peer.metadata.uid, chosen)
      deletePeer(peer.metadata.name)
      return Promise.resolve()
    },
    removalChoices: (peer) => choices.get(peer.metadata.uid),
    release(peer) {
      const stored = is(peer)
      if (stored?.metadata.deletionTimestamp !== undefined) forget(peer.metadata.name)
      return Promise.resolve()
    },
  }
}
