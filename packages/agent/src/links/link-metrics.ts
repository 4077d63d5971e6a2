import { linkStates, type LinkStateName } from '@porpulsion/contract'
import type { Metrics } from '../observability/index.ts'

/** What links count. Labels are ours alone: a peer cannot make up new ones. */
export interface LinkMetrics {
  dialled(outcome: 'opened' | 'failed'): void
  sessionUp(direction: 'outbound' | 'inbound'): void
  sessionEnded(by: 'local' | 'peer' | 'transport'): void
  handshakeRefused(): void
  links(states: readonly LinkStateName[]): void
}

export function createLinkMetrics(metrics: Metrics): LinkMetrics {
  const dials = metrics.counter('porpulsion_dials_total', 'Dials to peers', ['outcome'])
  const sessions = metrics.counter('porpulsion_sessions_total', 'Sessions that came up', [
    'direction',
  ])
  const ends = metrics.counter('porpulsion_session_ends_total', 'Sessions that ended, by whom', [
    'by',
  ])
  const refused = metrics.counter(
    'porpulsion_handshakes_refused_total',
    'Callers that did not prove to be the peer they claimed to be',
  )
  const links = metrics.gauge('porpulsion_links', 'Links to peers, by state', ['state'])
  return {
    dialled: (outcome) => dials.inc({ outcome }),
    sessionUp: (direction) => sessions.inc({ direction }),
    sessionEnded: (by) => ends.inc({ by }),
    handshakeRefused: () => refused.inc(),
    links: (states) => {
      for (const state of linkStates)
        links.set({ state }, states.filter((each) => each === state).length)
    },
  }
}
