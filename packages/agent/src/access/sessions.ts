import { Role } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock } from '../observability/index.ts'
import { hashSecret, newSecret } from './secrets.ts'

const SessionRecord = Type.Object({
  sessions: Type.Array(
    Type.Object({
      hash: Type.String(),
      user: Type.String(),
      role: Role,
      expiresAtMs: Type.Number(),
    }),
  ),
})
export type Session = Static<typeof SessionRecord>['sessions'][number]

/** Keeps the Secret small. At the bound the oldest session ends: its owner signs in again. */
export const MAX_SESSIONS = 500
export const SESSION_LIFE_MS = 7 * 86_400_000

export interface NewSession {
  /** Goes into the cookie, and is kept nowhere. */
  readonly id: string
  readonly session: Session
}

/** Who is signed in. Survives a restart of the agent. */
export interface Sessions {
  start(signal: AbortSignal): Promise<void>
  /** Always a new id, and the one before ends: an id known before the login is worth nothing after it. */
  create(user: { name: string; role: Role }, previousId: string | undefined): Promise<NewSession>
  find(id: string): Session | undefined
  end(id: string): Promise<void>
}

export function createSessions(store: DocumentStore, clock: Clock): Sessions {
  const record = createStoredRecord(store, { schema: SessionRecord, empty: { sessions: [] } })
  const isOpen = ({ expiresAtMs }: Session): boolean => expiresAtMs > clock.now()

  return {
    start: (signal) => record.start(signal),

    async create({ name, role }, previousId) {
      const id = newSecret()
      const expiresAtMs = clock.now() + SESSION_LIFE_MS
      const session = { hash: hashSecret(id), user: name, role, expiresAtMs }
      const previous = previousId === undefined ? undefined : hashSecret(previousId)
      await record.update(({ sessions }) => {
        const kept = sessions.filter((known) => isOpen(known) && known.hash !== previous)
        return { sessions: [...kept, session].slice(-MAX_SESSIONS) }
      })
      return { id, session }
    },

    find(id) {
      const hash = hashSecret(id)
      return record.current().sessions.find((known) => known.hash === hash && isOpen(known))
    },

    async end(id) {
      const hash = hashSecret(id)
      await record.update((value) => {
        const kept = value.sessions.filter((known) => known.hash !== hash)
        return kept.length === value.sessions.length ? value : { sessions: kept }
      })
    },
  }
}
