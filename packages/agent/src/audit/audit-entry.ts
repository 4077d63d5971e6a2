import type { AuditEntry, AuditOutcome, ErrorKind } from '@porpulsion/contract'

/** What is told of an action. The trail adds when, and bounds what came from outside. */
export interface AuditFacts {
  /** `admin`, `token/ci`, `peer/b`, `anyone`, `ticket`, `agent`. Names of users hold no "/". */
  readonly actor: string
  /** Operation of the REST API, or what a peer did: `openTunnel`. */
  readonly action: string
  /** `remoteapp/porpulsion,web` */
  readonly about?: string
  /** The peer it concerns. Left out for what a peer did itself: `actor` names it. */
  readonly peer?: string
  readonly outcome: AuditOutcome
  /** Code of the error, or the rule that refused. */
  readonly reason?: string
  readonly from?: string
  /** Paths of settings, never values. */
  readonly changes?: readonly string[]
}

export const peerActor = (name: string): string => `peer/${name}`
/** Who proved nothing. */
export const ANYONE = 'anyone'
export const AGENT = 'agent'
/** Whoever holds a ticket for an app; who asked for the ticket is an entry of its own. */
export const TICKET = 'ticket'

/** Outsiders choose how often they do something; the trail must not be theirs to fill. */
export const isOutsider = (actor: string): boolean => actor === ANYONE || actor.startsWith('peer/')

/** A refusal is an answer; the rest broke. */
export const outcomeOf = (kind: ErrorKind): AuditOutcome =>
  broken.has(kind) ? 'failed' : 'refused'

const broken: ReadonlySet<ErrorKind> = new Set(['Unavailable', 'Timeout', 'Aborted', 'Internal'])

const MAX_TEXT = 256
const MAX_CHANGES = 50

/** Bounded, and without what moves a terminal's cursor or turns text around. */
export function auditEntry(facts: AuditFacts, id: string, timeMs: number): AuditEntry {
  const { about, peer, reason, from, changes } = facts
  return {
    id,
    time: new Date(timeMs).toISOString(),
    actor: plain(facts.actor),
    action: plain(facts.action),
    ...(about !== undefined && { about: plain(about) }),
    ...(peer !== undefined && { peer: plain(peer) }),
    outcome: facts.outcome,
    ...(reason !== undefined && { reason: plain(reason) }),
    ...(from !== undefined && { from: plain(from) }),
    ...(changes !== undefined && { changes: bounded(changes.map(plain)) }),
  }
}

function plain(text: string): string {
  const visible = text
    .slice(0, MAX_TEXT)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => escapeOf(character.codePointAt(0) ?? 0))
  return visible.length > MAX_TEXT || text.length > MAX_TEXT
    ? `${visible.slice(0, MAX_TEXT - 1)}…`
    : visible
}

const escapeOf = (codePoint: number): string => `\\u{${codePoint.toString(16)}}`

function bounded(changes: string[]): string[] {
  const more = changes.length - MAX_CHANGES
  return more > 0 ? [...changes.slice(0, MAX_CHANGES), `… ${more} more`] : changes
}
