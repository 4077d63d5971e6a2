/** Peers with what other lists know of them. */
import type { ExecutingApp, LinkFigures, Peer, RemoteApp } from '@porpulsion/contract'
import { isUp } from './link-words.ts'

export interface PeerRow {
  readonly peer: Peer
  readonly name: string
  /** Of what its link carries; nothing until the agent tells. */
  readonly figures: LinkFigures | undefined
  /** Ours, at the peer. */
  readonly there: AppCount
  /** The peer's, here. */
  readonly here: AppCount
}

export interface AppCount {
  readonly total: number
  readonly ready: number
}

interface Lists {
  readonly peers: readonly Peer[]
  readonly remoteApps: readonly RemoteApp[]
  readonly executingApps: readonly ExecutingApp[]
  readonly figures: readonly LinkFigures[]
}

export function peerRows({ peers, remoteApps, executingApps, figures }: Lists): readonly PeerRow[] {
  const there = counted(remoteApps, ({ spec }) => spec.targetPeer)
  const here = counted(executingApps, ({ spec }) => spec.peer.fingerprint)
  const figuresOf = new Map(figures.map((one) => [one.peer, one]))
  return peers.map((peer) => {
    const { name } = peer.metadata
    return {
      peer,
      name,
      figures: figuresOf.get(name),
      there: there.get(name) ?? none,
      // Names of peers are ours to change, and apps stay with who brought them.
      here: here.get(peer.status?.fingerprint ?? peer.spec.fingerprint ?? '') ?? none,
    }
  })
}

/** As last measured: what the stream tells is younger than what the list says. */
export const latencyOf = ({ figures, peer }: PeerRow): number | undefined =>
  isUp(peer.status?.link) ? (figures?.latencyMs ?? peer.status?.latencyMs) : undefined

const none: AppCount = { total: 0, ready: 0 }

interface App {
  readonly status?: { readonly phase: string }
}

function counted<T extends App>(
  apps: readonly T[],
  keyOf: (app: T) => string,
): ReadonlyMap<string, AppCount> {
  const counts = new Map<string, AppCount>()
  for (const app of apps) {
    const { total, ready } = counts.get(keyOf(app)) ?? none
    const isReady = app.status?.phase === 'Ready'
    counts.set(keyOf(app), { total: total + 1, ready: ready + (isReady ? 1 : 0) })
  }
  return counts
}
