import type { RenewalStage } from './identity-record.ts'

/** A peer as far as a renewal is concerned. */
export interface RenewalPeer {
  readonly fingerprint: string
  /** Here; who is not can be told nothing, and nobody waits for it. */
  readonly confirmed: boolean
}

export interface RenewalStep {
  /** Peers that have yet to be told; what, follows from the stage. */
  readonly tell: readonly string[]
  /** What is to be done now. */
  readonly then: 'Wait' | 'Switch' | 'Retire' | 'Forget' | 'Nothing'
}

/** What a renewal needs next. Asked after everything that may have changed it; decides, touches nothing. */
export function nextStep(stage: RenewalStage, peers: readonly RenewalPeer[]): RenewalStep {
  const present = new Set(peers.map(({ fingerprint }) => fingerprint))
  const confirmed = peers.filter((peer) => peer.confirmed).map(({ fingerprint }) => fingerprint)
  const stillThere = (untold: readonly string[]): readonly string[] =>
    untold.filter((peer) => present.has(peer))
  switch (stage.kind) {
    case 'Announced': {
      const tell = confirmed.filter((peer) => !stage.knownTo.includes(peer))
      return { tell, then: tell.length === 0 ? 'Switch' : 'Wait' }
    }
    case 'Switched': {
      const left = stillThere(stage.untold)
      const tell = left.filter((peer) => confirmed.includes(peer))
      return { tell, then: left.length === 0 ? 'Retire' : 'Wait' }
    }
    case 'Settled': {
      if (stage.withdrawn === undefined) return { tell: [], then: 'Nothing' }
      const tell = stillThere(stage.withdrawn.untold)
      return { tell, then: tell.length === 0 ? 'Forget' : 'Wait' }
    }
    default:
      return stage satisfies never
  }
}
