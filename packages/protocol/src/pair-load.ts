/**
 * What all sessions of one pair of agents hold, together. Each session has bounds of its own; without this a peer would
 * get them anew with every connection it makes. Made once per peer, and given to each session with it.
 */
export class PairLoad {
  /** Received, and not yet read. */
  unreadBytes = 0
  /** Streams that the peer opened and that are not over here. */
  peerStreams = 0
  /** All that are not over here, whoever opened them. */
  streams = 0
}

/**
 * How many sessions' worth of it there may be: where one gives way to another, both are full for a moment, and streams of
 * the first may last.
 */
export const sessionsOfLoad = 2
