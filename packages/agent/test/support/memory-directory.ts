import { casOf, type Identity, type KnownPeer, type PeerDirectory } from '../../src/peers/index.ts'

export interface MemoryDirectory extends PeerDirectory {
  put(peer: KnownPeer): void
  remove(name: string): void
}

export function createMemoryDirectory(): MemoryDirectory {
  const peers = new Map<string, KnownPeer>()
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  return {
    put(peer) {
      peers.set(peer.name, peer)
      changed()
    },
    remove(name) {
      peers.delete(name)
      changed()
    },
    byName: (name) => peers.get(name),
    byFingerprint: (fingerprint) =>
      [...peers.values()].find((peer) => peer.fingerprint === fingerprint),
    byCa: (fingerprint) =>
      [...peers.values()].find((peer) => casOf(peer).some((ca) => ca.fingerprint === fingerprint)),
    list: () => [...peers.values()],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** How one agent knows another. */
export function knownAs(
  name: string,
  { fingerprint, caCertificatePem }: Identity,
  options: { url?: string; confirmed?: boolean } = {},
): KnownPeer {
  return {
    name,
    uid: `uid-${name}`,
    fingerprint,
    caCertificatePem,
    confirmed: options.confirmed ?? true,
    ...(options.url !== undefined && { url: options.url }),
  }
}
