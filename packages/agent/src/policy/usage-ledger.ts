import { add, noUsage, subtract, type Usage } from './usage.ts'

/** What apps take, by app; sums are kept, so that asking costs the same for one app and for a thousand. */
export interface UsageLedger {
  set(app: string, peer: string, usage: Usage): void
  delete(app: string): void
  /** What all other apps take: those of the same peer, and those of all peers. */
  besides(app: string, peer: string): OtherUsage
}

export interface OtherUsage {
  readonly all: Usage
  readonly peer: Usage
}

export const noOthers: OtherUsage = { all: noUsage, peer: noUsage }

export function createUsageLedger(): UsageLedger {
  const apps = new Map<string, { readonly peer: string; readonly usage: Usage }>()
  const byPeer = new Map<string, Usage>()
  let all = noUsage

  function remove(app: string): void {
    const known = apps.get(app)
    if (known === undefined) return
    apps.delete(app)
    all = subtract(all, known.usage)
    const left = subtract(byPeer.get(known.peer) ?? noUsage, known.usage)
    if (left.apps === 0) byPeer.delete(known.peer)
    else byPeer.set(known.peer, left)
  }

  return {
    set(app, peer, usage) {
      remove(app)
      apps.set(app, { peer, usage })
      all = add(all, usage)
      byPeer.set(peer, add(byPeer.get(peer) ?? noUsage, usage))
    },
    delete: remove,
    besides(app, peer) {
      const own = apps.get(app)
      const ofPeer = byPeer.get(peer) ?? noUsage
      if (own === undefined) return { all, peer: ofPeer }
      return {
        all: subtract(all, own.usage),
        peer: own.peer === peer ? subtract(ofPeer, own.usage) : ofPeer,
      }
    },
  }
}
