/** How the link to a peer is, in the words and colours that every page uses for it. */
import type { LinkStateName, Peer } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

export interface LinkWords {
  readonly tone: Tone
  readonly label: string
  /** On its way from one state to another. */
  readonly pulses: boolean
}

/** Green over wss; yellow over ws, where who is in between sees who talks to whom, though not what they say. */
export function linkWords(peer: Peer): LinkWords {
  const { status } = peer
  const state = status?.link ?? 'Connecting'
  const over = status?.transport === undefined ? '' : ` · ${status.transport}`
  switch (state) {
    case 'Connected':
      return {
        tone: status?.transport === 'ws' ? 'warn' : 'good',
        label: `Connected${over}`,
        pulses: false,
      }
    case 'Suspect':
      return { tone: 'warn', label: `Not answering${over}`, pulses: true }
    case 'Connecting':
      return { tone: 'busy', label: 'Connecting', pulses: true }
    case 'Disconnected':
      return { tone: 'bad', label: 'Disconnected', pulses: false }
    default:
      return state satisfies never
  }
}

export const isUp = (state: LinkStateName | undefined): boolean =>
  state === 'Connected' || state === 'Suspect'

/** Who of the two operators has compared the words. */
export type Trust = 'both' | 'awaits-us' | 'awaits-them'

export function trustOf({ spec, status }: Peer): Trust {
  if (spec.confirmed !== true) return 'awaits-us'
  // Until they said anything, nothing is known to be missing.
  return status?.confirmedByPeer === false ? 'awaits-them' : 'both'
}

/** Apps and terminals go over it. */
export const isUsable = (peer: Peer): boolean => isUp(peer.status?.link) && trustOf(peer) === 'both'

export const fingerprintOf = ({ spec, status }: Peer): string | undefined =>
  status?.fingerprint ?? spec.fingerprint

/** Stands for all that makes what is read of a link worth reading again. */
export const linkMark = ({ status }: Peer): string =>
  [status?.link, status?.since, status?.transport, status?.confirmedByPeer].join(' ')
