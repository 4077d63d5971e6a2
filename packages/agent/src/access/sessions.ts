import type { Session as ListedSession } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { createLastUsed } from './last-used.ts'
import { hashSecret, newSecret } from './secrets.ts'

const SessionRecord = Type.Object({
  sessions: Type.Array(
    Type.Object({
      hash: Type.String(),
      user: Type.String(),
      /** Another user of the same name is somebody else. */
      userId: Type.Optional(Type.String()),
      expiresAtMs: Type.Number(),
      createdAtMs: Type.Optional(Type.Number()),
      lastUsedAtMs: Type.Optional(Type.Number()),
      address: Type.Optional(Type.String()),
      userAgent: Type.Optional(Type.String()),
      /** Opened by a one-time link: proof enough to set a new password without the old one, for a while. */
      byLink: Type.Optional(Type.Boolean()),
    }),
  ),
})
export type Session = Static<typeof SessionRecord>['sessions'][number]

/** Keeps the Secret small. At the bound the user's own oldest session ends, never somebody else's. */
export const MAX_SESSIONS_PER_USER = 16
export const SESSION_LIFE_MS = 7 * 86_400_000

export interface NewSession {
  /** Goes into the cookie, and is kept nowhere. */
  readonly id: string
  readonly session: Session
}

/** Of a sign-in: whose, and how they came. */
export interface SessionOwner {
  readonly name: string
  readonly id: string
}
export interface SessionOrigin {
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  readonly byLink: boolean
}

/** Who is signed in. Survives a restart of the agent. */
export interface Sessions {
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  /** Always a new id, and the one before ends: an id known before the login is worth nothing after it. */
  create(
    user: SessionOwner,
    origin: SessionOrigin,
    previousId: string | undefined,
  ): Promise<NewSession>
  find(id: string): Session | undefined
  /** By what `sessionName` calls it. */
  byName(name: string): Session | undefined
  /** Remembers that it was used. */
  touch(session: Session): void
  end(id: string): Promise<void>
  /** Those that are open; `id` of each names it without opening anything. */
  list(): readonly Omit<ListedSession, 'current'>[]
  /** Ends those for which it is true, and says how many. */
  endWhere(
    isMeant: (session: { readonly id: string; readonly user: string }) => boolean,
  ): Promise<number>
}

/** A name for a session that anybody may see. */
export const sessionName = ({ hash }: Session): string =>
  Buffer.from(hash, 'base64url').toString('hex').slice(0, 12)

export function createSessions(
  store: DocumentStore,
  {
    clock,
    logger,
    onChange,
  }: {
    readonly clock: Clock
    readonly logger: Logger
    /** A session began, or sessions ended. That one runs out is no event. */
    readonly onChange: () => void
  },
): Sessions {
  const record = createStoredRecord(store, { schema: SessionRecord, empty: { sessions: [] } })
  const isOpen = ({ expiresAtMs }: Session): boolean => expiresAtMs > clock.now()
  const lastUsed = createLastUsed({
    clock,
    logger,
    what: 'sessions',
    write: (usedAtMs) =>
      record.update(({ sessions }) => ({
        sessions: sessions.filter(isOpen).map((session) => {
          const lastUsedAtMs = usedAtMs.get(session.hash)
          return lastUsedAtMs === undefined ? session : { ...session, lastUsedAtMs }
        }),
      })),
  })

  async function endWhere(isMeant: (session: Session) => boolean): Promise<number> {
    let ended = 0
    await record.update((value) => {
      const kept = value.sessions.filter((session) => !isMeant(session))
      ended = value.sessions.length - kept.length
      return ended === 0 ? value : { sessions: kept }
    })
    if (ended > 0) onChange()
    return ended
  }

  return {
    start: (signal) => record.start(signal),
    stop: () => lastUsed.flush(),

    async create({ name, id: userId }, { address, userAgent, byLink }, previousId) {
      const id = newSecret()
      const nowMs = clock.now()
      const session: Session = {
        hash: hashSecret(id),
        user: name,
        userId,
        createdAtMs: nowMs,
        expiresAtMs: nowMs + SESSION_LIFE_MS,
        ...(address !== undefined && { address }),
        ...(userAgent !== undefined && { userAgent }),
        ...(byLink && { byLink }),
      }
      const previous = previousId === undefined ? undefined : hashSecret(previousId)
      await record.update(({ sessions }) => {
        const kept = sessions.filter((known) => isOpen(known) && known.hash !== previous)
        const own = kept.filter(({ user }) => user === name)
        const tooOld = new Set(own.slice(0, Math.max(0, own.length + 1 - MAX_SESSIONS_PER_USER)))
        return { sessions: [...kept.filter((known) => !tooOld.has(known)), session] }
      })
      onChange()
      return { id, session }
    },

    find(id) {
      const hash = hashSecret(id)
      return record.current().sessions.find((known) => known.hash === hash && isOpen(known))
    },

    byName(name) {
      // Asked for every request to an app: no hash is turned into a name for it.
      const start = Buffer.from(name, 'hex').toString('base64url')
      return record
        .current()
        .sessions.find((known) => known.hash.startsWith(start) && isOpen(known))
    },

    touch: ({ hash }) => lastUsed.touch(hash),

    async end(id) {
      const hash = hashSecret(id)
      await endWhere((known) => known.hash === hash)
    },

    list: () =>
      record
        .current()
        .sessions.filter(isOpen)
        .map((session) => describe(session, lastUsed.atMs(session.hash))),

    endWhere: (isMeant) =>
      endWhere((session) => isMeant({ id: sessionName(session), user: session.user })),
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

function describe(
  session: Session,
  usedAtMs = session.lastUsedAtMs,
): Omit<ListedSession, 'current'> {
  const { user, expiresAtMs, createdAtMs, address, userAgent } = session
  return {
    id: sessionName(session),
    user,
    ...(createdAtMs !== undefined && { createdAt: time(createdAtMs) }),
    ...(usedAtMs !== undefined && { lastUsedAt: time(usedAtMs) }),
    expiresAt: time(expiresAtMs),
    ...(address !== undefined && { address }),
    ...(userAgent !== undefined && { userAgent }),
  }
}
