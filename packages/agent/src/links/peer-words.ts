import {
  errorCodes,
  fromProblem,
  PorpulsionError,
  type ErrorKind,
  type Problem,
} from '@porpulsion/contract'
import { isChannelCode, StreamCode, type StreamOutcome } from '@porpulsion/protocol'

/** A peer's text is shown as the peer's, and no more of it than a person reads. */
const maxQuotedCharacters = 1_000

/** What the words of the channel itself mean to a caller; a code of ours keeps its own kind. */
const channelCodes: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  NotConfirmed: ['FailedPrecondition', 'NotConfirmed'],
  Cancelled: ['Unavailable', 'LinkDown'],
  InternalError: ['Unavailable', 'PeerFailed'],
  Refused: ['Forbidden', 'PeerRefused'],
  TooManyStreams: ['LimitExceeded', 'TooManyStreams'],
  OpenRateExceeded: ['LimitExceeded', 'TooManyStreams'],
  Congested: ['LimitExceeded', 'TooManyStreams'],
  StreamIdsExhausted: ['Unavailable', 'LinkDown'],
  OpenHeaderTooLarge: ['ProtocolViolation', 'PeerProtocolError'],
  WindowExceeded: ['ProtocolViolation', 'PeerProtocolError'],
  WindowOverflow: ['ProtocolViolation', 'PeerProtocolError'],
  SessionMemoryExceeded: ['LimitExceeded', 'TooManyStreams'],
  Draining: ['Unavailable', 'LinkDown'],
  Drained: ['Unavailable', 'LinkDown'],
  SessionEnded: ['Unavailable', 'LinkDown'],
  NotUp: ['Unavailable', 'LinkDown'],
}

/** The session gives way: nobody has looked at what was opened on it, and another session may take it. */
export class SessionDrains extends PorpulsionError {}

/** A stream that was refused or cut, as an error for whoever used it. */
export function errorOfReset(
  peer: string,
  { by, code, message }: Pick<Extract<StreamOutcome, { kind: 'reset' }>, 'by' | 'code' | 'message'>,
): PorpulsionError {
  const [kind, ourCode] = meaningOf(code)
  const words = message === '' ? code : message
  const ErrorOf = code === StreamCode.Draining ? SessionDrains : PorpulsionError
  return new ErrorOf(kind, ourCode, textOf(peer, by, words))
}

function textOf(peer: string, by: 'local' | 'peer' | 'session', words: string): string {
  switch (by) {
    case 'peer':
      return quote(peer, words)
    case 'session':
      return `The link to peer "${peer}" went down: ${words}`
    case 'local':
      return `A stream of peer "${peer}" was cut here: ${words}`
    default:
      return by satisfies never
  }
}

/** An error answer of the peer API. */
export function errorOfProblem(peer: string, problem: Problem): PorpulsionError {
  return inPeersWords(peer, fromProblem(problem))
}

/** What a peer said went wrong, wherever it said it. */
export function inPeersWords(peer: string, said: PorpulsionError): PorpulsionError {
  const [kind, code] = kindForUs(said)
  return new PorpulsionError(kind, code, quote(peer, said.message), {
    fields: said.fields,
    ...(said.retryAfterSeconds !== undefined && { retryAfterSeconds: said.retryAfterSeconds }),
  })
}

/** What failed over there is not our defect, and who is not known there is signed in here. */
function kindForUs({ kind, code }: PorpulsionError): readonly [ErrorKind, string] {
  if (kind === 'Internal' || !isChannelCode(code)) return ['Unavailable', 'PeerFailed']
  if (kind === 'Unauthenticated') return ['Forbidden', 'PeerRefused']
  return [kind, code]
}

function meaningOf(code: string): readonly [ErrorKind, string] {
  const ofChannel = Object.hasOwn(channelCodes, code) ? channelCodes[code] : undefined
  if (ofChannel !== undefined) return ofChannel
  const registry: Readonly<Record<string, { readonly kind: ErrorKind }>> = errorCodes
  const known = Object.hasOwn(registry, code) ? registry[code] : undefined
  return known === undefined
    ? ['Unavailable', 'PeerRefused']
    : kindForUs(new PorpulsionError(known.kind, code, ''))
}

function quote(peer: string, text: string): string {
  return `Peer "${peer}" says: "${text.slice(0, maxQuotedCharacters)}"`
}
