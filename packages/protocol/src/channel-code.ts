/**
 * The words that say why a stream or a session ended. They travel as text in Reset and GoAway, so
 * the layer above adds its own (`Forbidden`, `NotFound`, …) without a registry of numbers.
 * Wire format: never rename, never reuse.
 */

/** Why one stream ended early. */
export const StreamCode = {
  /** The side that sends it lost interest: a caller hung up, a browser tab was closed. */
  Cancelled: 'Cancelled',
  /** The side that sends it failed in a way that is not the other's business. */
  InternalError: 'InternalError',
  /** Both operators must confirm the peering before streams are accepted. */
  NotConfirmed: 'NotConfirmed',
  /** The acceptor's policy said no and gave no better word. */
  Refused: 'Refused',
  /** The opener already has as many streams as the acceptor's Hello allowed. */
  TooManyStreams: 'TooManyStreams',
  /** Streams were opened faster than the acceptor's Hello allowed. */
  OpenRateExceeded: 'OpenRateExceeded',
  /** The header of the Open is larger than the acceptor's Hello allowed. */
  OpenHeaderTooLarge: 'OpenHeaderTooLarge',
  /** So much waits to be sent that not even an Open fits. Never on the wire. */
  Congested: 'Congested',
  /** Bytes arrived beyond the window that was granted; only this stream pays for it. */
  WindowExceeded: 'WindowExceeded',
  /** Credit was granted beyond what a window can hold. */
  WindowOverflow: 'WindowOverflow',
  /** The session holds as many unread bytes as it may, and this stream's reader left most of them. */
  SessionMemoryExceeded: 'SessionMemoryExceeded',
  /** The session drains: open the stream on its successor. */
  Draining: 'Draining',
  /** The session drained for as long as it may; whoever resumes does so on its successor. */
  Drained: 'Drained',
  /** The session under the stream ended. Never on the wire: there is none any more. */
  SessionEnded: 'SessionEnded',
} as const
export type StreamCode = (typeof StreamCode)[keyof typeof StreamCode]

/** Why a session ends, or in the first two cases what its peer is asked for. */
export const SessionCode = {
  /** No new streams, please; those that run may end by themselves. */
  Drain: 'Drain',
  /** Please dial a successor; this session works on until it is there. */
  Replace: 'Replace',
  /** Another session of the same two agents stays; see the pair rule. */
  Superseded: 'Superseded',
  /** The peer started anew; what belonged to its former life is over. */
  PeerRestarted: 'PeerRestarted',
  /** All streams are done and the session had been asked to drain. */
  Drained: 'Drained',
  /** The owner ended it: shutdown, peer removed, link switched off. */
  Closed: 'Closed',
  /** The peering ended; a redial will be refused. */
  PeerRemoved: 'PeerRemoved',
  /** A frame broke the rules of docs/protocol.md; the message names which. */
  ProtocolError: 'ProtocolError',
  /** A frame announced more payload than its type may have. */
  FrameTooLarge: 'FrameTooLarge',
  /** A frame type we do not know, without the flag that lets us skip it. */
  UnknownFrame: 'UnknownFrame',
  /** The peer's Hello could not be read. */
  HelloInvalid: 'HelloInvalid',
  /** The peer's Hello did not come in time. */
  HelloTimeout: 'HelloTimeout',
  /** No protocol version that both speak. */
  VersionMismatch: 'VersionMismatch',
  /** The peer makes us owe more control frames than it takes. */
  ControlFlood: 'ControlFlood',
  /** Nothing was heard from the peer for too long. */
  PeerSilent: 'PeerSilent',
  /** The connection under the session ended without a word. */
  TransportClosed: 'TransportClosed',
  /** Our own bug. */
  InternalError: 'InternalError',
} as const
export type SessionCode = (typeof SessionCode)[keyof typeof SessionCode]

/** Bounds the text a peer can make us carry into logs and conditions. */
export const maxCodeBytes = 64
export const maxMessageBytes = 1024

/** Codes are words, so that they can stand in logs, conditions and REST answers as they are. */
export function isChannelCode(text: string): boolean {
  return text.length <= maxCodeBytes && /^[A-Z][A-Za-z0-9]*$/.test(text)
}
