import type { OwnIdentity } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

type PeerState = OwnIdentity['peers'][number]['state']

/** Where a renewal is, for somebody who has to decide whether to wait. */
export function stageWords({ stage, peers }: Pick<OwnIdentity, 'stage' | 'peers'>): string {
  const knowing = peers.filter(({ state }) => state === 'Knows').length
  const told = `${knowing} of ${peers.length} ${peers.length === 1 ? 'peer knows' : 'peers know'} the new one`
  switch (stage) {
    case 'Settled':
      return 'None under way'
    case 'Announced':
      return `Announced: ${told}. Nothing uses it yet; it is used once all know it.`
    case 'Switched':
      return `In use: ${told}. The former key is kept for the others.`
    default:
      return stage satisfies never
  }
}

export const peerStateWords: Readonly<
  Record<PeerState, { readonly label: string; readonly tone: Tone }>
> = {
  Knows: { label: 'Knows it', tone: 'good' },
  Waiting: { label: 'Not told yet', tone: 'busy' },
  CannotRenew: { label: 'Too old', tone: 'warn' },
  Refused: { label: 'Refused it', tone: 'bad' },
  Unconfirmed: { label: 'Not confirmed', tone: 'idle' },
}
