import { SessionCode } from './channel-code.ts'

/**
 * Two agents may dial each other at once, redial over a connection only one of them knows to be
 * dead, or replace a session whose certificate is about to expire. Each side then holds several
 * sessions with the same peer and must choose, alone, the one the other chooses too.
 *
 * What both sides know of a session – who dialled, the dialler's count, the generation – comes from
 * the dialler's Hello and is the same on both, so an order made of nothing else is the same on both.
 * And nobody gives up a session before its better has carried a Ping there and back: that proves that
 * the other side has the better one too.
 */
export interface PairSession {
  /** The caller's name for it; means nothing here. */
  readonly id: string
  /** Fingerprint of the agent that dialled. */
  readonly dialler: string
  /** From the dialler's Hello. */
  readonly dialSeq: number
  /** `generationOf` the dialler's Hello. */
  readonly generation: number
  /** From the peer's Hello, whoever dialled. */
  readonly peerBootId: string
  /** Counts the sessions with this peer in the order in which they came up here. */
  readonly upOrder: number
  /** A Ping of ours was answered on it. */
  readonly proven: boolean
  /** Either side asked for no more streams on it. */
  readonly draining: boolean
}

export interface PairVerdict {
  /** New streams go here. */
  readonly use: string | undefined
  /** These lost: `drain({ code: 'Superseded' })`. */
  readonly drain: readonly string[]
  /** These are over: `end(code, …)`. */
  readonly end: readonly { readonly id: string; readonly code: SessionCode }[]
}

/** A peer that never ends its streams must not collect sessions by reconnecting. */
export const maxDrainingSessions = 4

/**
 * Judges all live sessions with one peer. Ask again whenever one comes up, is proven, starts to
 * drain or ends: the verdict depends on nothing but what is there now.
 */
export function judgePair(sessions: readonly PairSession[]): PairVerdict {
  const boot = currentBoot(sessions)
  const ofFormerLives = sessions.filter((session) => isOlderBoot(session, boot, sessions))
  const present = sessions.filter((session) => !ofFormerLives.includes(session))
  const candidates = present.filter((session) => !session.draining).sort(betterFirst)
  const best = candidates.find((session) => session.proven)
  const losers = candidates.filter((session) => best !== undefined && losesTo(best, session))
  return {
    use: (best ?? candidates[0])?.id,
    drain: losers.map((session) => session.id),
    end: [
      ...ofFormerLives.map(({ id }) => ({ id, code: SessionCode.PeerRestarted })),
      ...drainingTooMany(present, losers).map(({ id }) => ({ id, code: SessionCode.Drained })),
    ],
  }
}

/**
 * A dialler names in `replaces` the highest generation it has seen with this peer, so its new
 * session outranks whatever it knows to be dead or wants replaced, also where the other side still
 * believes in it. Two first dials that cross are of one generation, and so are two redials after a
 * loss that both noticed.
 */
export function generationOf(diallerHello: { readonly replaces?: number | undefined }): number {
  return diallerHello.replaces === undefined ? 0 : diallerHello.replaces + 1
}

/** Total over sessions of one pair of boots: no two have the same dialler and count. */
function betterFirst(a: PairSession, b: PairSession): number {
  if (a.generation !== b.generation) return b.generation - a.generation
  if (a.dialler !== b.dialler) return a.dialler < b.dialler ? -1 : 1
  return b.dialSeq - a.dialSeq
}

/** Across boots there is no rank: a restarted peer counts from the beginning, and time will tell which boot lives. */
function losesTo(best: PairSession, session: PairSession): boolean {
  return session.peerBootId === best.peerBootId && betterFirst(best, session) < 0
}

/** The boot that appeared last and has proven to live; a Hello alone may be a dead process's, delivered late. */
function currentBoot(sessions: readonly PairSession[]): string | undefined {
  return sessions
    .filter((session) => session.proven)
    .sort((a, b) => firstUp(b.peerBootId, sessions) - firstUp(a.peerBootId, sessions))[0]
    ?.peerBootId
}

function isOlderBoot(
  session: PairSession,
  boot: string | undefined,
  sessions: readonly PairSession[],
): boolean {
  if (boot === undefined || session.peerBootId === boot) return false
  return firstUp(session.peerBootId, sessions) < firstUp(boot, sessions)
}

function firstUp(bootId: string, sessions: readonly PairSession[]): number {
  return Math.min(...sessions.filter((s) => s.peerBootId === bootId).map((s) => s.upOrder))
}

/** Those that came up first go first: their streams had the longest time to end. */
function drainingTooMany(
  present: readonly PairSession[],
  losers: readonly PairSession[],
): readonly PairSession[] {
  const draining = present
    .filter((session) => session.draining || losers.includes(session))
    .sort((a, b) => a.upOrder - b.upOrder)
  return draining.slice(0, Math.max(0, draining.length - maxDrainingSessions))
}
