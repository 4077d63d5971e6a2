import {
  PorpulsionError,
  Role,
  type ApiToken,
  type CreatedToken,
  type CreateToken,
} from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { hashSecret, newId, newSecret, sameSecret } from './secrets.ts'

const TokenRecord = Type.Object({
  tokens: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      role: Role,
      hash: Type.String(),
      createdAtMs: Type.Number(),
      expiresAtMs: Type.Optional(Type.Number()),
      lastUsedAtMs: Type.Optional(Type.Number()),
    }),
  ),
})
export type StoredToken = Static<typeof TokenRecord>['tokens'][number]

/** Keeps the Secret small; at the bound making another is refused. */
const MAX_TOKENS = 500
/** `lastUsedAt` is this coarse: one write for any number of requests. */
export const LAST_USED_WRITE_MS = 60_000

const PREFIX = 'porp_'
/** Whether an Authorization header is meant for us, and so stays with us. */
export const carriesOurToken = (authorization: string | undefined): boolean =>
  /^Bearer +porp_/i.test(authorization ?? '')

/** Long-lived credentials of programs. Kept as hashes. */
export interface ApiTokens {
  start(signal: AbortSignal): Promise<void>
  /** Writes what is not written yet. */
  stop(): Promise<void>
  list(): readonly ApiToken[]
  create(request: CreateToken): Promise<CreatedToken>
  /** By id or name. */
  revoke(idOrName: string): Promise<void>
  /** Remembers that it was used. */
  use(token: string): StoredToken | undefined
}

export function createApiTokens(deps: {
  readonly store: DocumentStore
  readonly clock: Clock
  readonly logger: Logger
}): ApiTokens {
  const { clock, logger } = deps
  const record = createStoredRecord(deps.store, { schema: TokenRecord, empty: { tokens: [] } })
  const used = new Map<string, number>()
  let cancelWrite: (() => void) | undefined

  const isOpen = ({ expiresAtMs }: StoredToken): boolean =>
    expiresAtMs === undefined || expiresAtMs > clock.now()

  async function writeLastUsed(): Promise<void> {
    cancelWrite?.()
    cancelWrite = undefined
    if (used.size === 0) return
    const written = new Map(used)
    used.clear()
    await record.update(({ tokens }) => ({
      tokens: tokens.map((token) => {
        const lastUsedAtMs = written.get(token.id)
        return lastUsedAtMs === undefined ? token : { ...token, lastUsedAtMs }
      }),
    }))
  }

  function touch(token: StoredToken): void {
    used.set(token.id, clock.now())
    cancelWrite ??= clock.setTimeout(() => {
      writeLastUsed().catch((err: unknown) => {
        logger.warn({ err }, 'Could not record when API tokens were last used')
      })
    }, LAST_USED_WRITE_MS)
  }

  return {
    start: (signal) => record.start(signal),
    stop: writeLastUsed,

    list: () =>
      record
        .current()
        .tokens.filter(isOpen)
        .map((token) => describe(token, used.get(token.id))),

    async create({ name, role = 'operator', expiresInSeconds }) {
      const secret = newSecret()
      const token: StoredToken = {
        id: newId(),
        name,
        role,
        hash: hashSecret(secret),
        createdAtMs: clock.now(),
        ...(expiresInSeconds !== undefined && {
          expiresAtMs: clock.now() + expiresInSeconds * 1_000,
        }),
      }
      await record.update(({ tokens }) => {
        const kept = tokens.filter(isOpen)
        if (kept.some((known) => known.name === name)) throw nameTaken(name)
        if (kept.length >= MAX_TOKENS) throw tooMany()
        return { tokens: [...kept, token] }
      })
      return { ...describe(token), token: `${PREFIX}${token.id}_${secret}` }
    },

    async revoke(idOrName) {
      await record.update(({ tokens }) => {
        const revoked =
          tokens.find(({ id }) => id === idOrName) ?? tokens.find(({ name }) => name === idOrName)
        if (revoked === undefined) throw notFound(idOrName)
        return { tokens: tokens.filter((known) => known !== revoked) }
      })
    },

    use(text) {
      const match = /^porp_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(text)
      const [, id = '', secret = ''] = match ?? []
      const token = record.current().tokens.find((known) => known.id === id)
      if (token === undefined || !sameSecret(token.hash, hashSecret(secret))) return undefined
      if (!isOpen(token)) return undefined
      touch(token)
      return token
    },
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

function describe(token: StoredToken, usedAtMs = token.lastUsedAtMs): ApiToken {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: time(token.createdAtMs),
    ...(token.expiresAtMs !== undefined && { expiresAt: time(token.expiresAtMs) }),
    ...(usedAtMs !== undefined && { lastUsedAt: time(usedAtMs) }),
  }
}

const nameTaken = (name: string): PorpulsionError =>
  new PorpulsionError(
    'AlreadyExists',
    'TokenExists',
    `An API token named "${name}" exists; revoke it or choose another name`,
  )

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyTokens',
    `There are ${MAX_TOKENS} API tokens; revoke some`,
  )

const notFound = (idOrName: string): PorpulsionError =>
  new PorpulsionError('NotFound', 'TokenNotFound', `There is no API token "${idOrName}"`)
