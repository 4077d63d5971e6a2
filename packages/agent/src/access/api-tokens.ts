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
import { createLastUsed } from './last-used.ts'
import { hashSecret, newId, newSecret, sameSecret } from './secrets.ts'

const TokenRecord = Type.Object({
  tokens: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      role: Role,
      /** Whose it is. Left out: the agent's own, or made by one of those. */
      owner: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
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

const PREFIX = 'porp_'
/** Whether an Authorization header is meant for us, and so stays with us. */
export const carriesOurToken = (authorization: string | undefined): boolean =>
  /^Bearer +porp_/i.test(authorization ?? '')

export type TokenOwner = NonNullable<StoredToken['owner']>

/** Long-lived credentials of programs. Kept as hashes. */
export interface ApiTokens {
  start(signal: AbortSignal): Promise<void>
  /** Writes what is not written yet. */
  stop(): Promise<void>
  list(): readonly ApiToken[]
  create(request: CreateToken, owner?: TokenOwner): Promise<CreatedToken>
  /** By id or name; only this owner's, if one is given. */
  revoke(idOrName: string, owner?: string): Promise<void>
  /** Of a user who is no more. */
  revokeOf(owner: string): Promise<void>
  /** Remembers that it was used. */
  use(token: string): StoredToken | undefined
  /** While it is good. */
  byId(id: string): StoredToken | undefined
}

export function createApiTokens(deps: {
  readonly store: DocumentStore
  readonly clock: Clock
  readonly logger: Logger
}): ApiTokens {
  const { clock, logger } = deps
  const record = createStoredRecord(deps.store, { schema: TokenRecord, empty: { tokens: [] } })
  const isOpen = ({ expiresAtMs }: StoredToken): boolean =>
    expiresAtMs === undefined || expiresAtMs > clock.now()

  const lastUsed = createLastUsed({
    clock,
    logger,
    what: 'API tokens',
    write: (usedAtMs) =>
      record.update(({ tokens }) => ({
        tokens: tokens.map((token) => {
          const lastUsedAtMs = usedAtMs.get(token.id)
          return lastUsedAtMs === undefined ? token : { ...token, lastUsedAtMs }
        }),
      })),
  })

  return {
    start: (signal) => record.start(signal),
    stop: () => lastUsed.flush(),

    list: () =>
      record
        .current()
        .tokens.filter(isOpen)
        .map((token) => describe(token, lastUsed.atMs(token.id))),

    async create({ name, role = 'operator', expiresInSeconds }, owner) {
      const secret = newSecret()
      const token: StoredToken = {
        id: newId(),
        name,
        role,
        ...(owner !== undefined && { owner }),
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

    async revoke(idOrName, owner) {
      await record.update(({ tokens }) => {
        const theirs = tokens.filter((token) => owner === undefined || token.owner?.name === owner)
        const revoked =
          theirs.find(({ id }) => id === idOrName) ?? theirs.find(({ name }) => name === idOrName)
        if (revoked === undefined) throw notFound(idOrName)
        return { tokens: tokens.filter((known) => known !== revoked) }
      })
    },

    async revokeOf(owner) {
      await record.update((value) => {
        const tokens = value.tokens.filter((token) => token.owner?.name !== owner)
        return tokens.length === value.tokens.length ? value : { tokens }
      })
    },

    byId: (id) => record.current().tokens.find((known) => known.id === id && isOpen(known)),

    use(text) {
      const match = /^porp_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(text)
      const [, id = '', secret = ''] = match ?? []
      const token = record.current().tokens.find((known) => known.id === id)
      if (token === undefined || !sameSecret(token.hash, hashSecret(secret))) return undefined
      if (!isOpen(token)) return undefined
      lastUsed.touch(token.id)
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
    ...(token.owner !== undefined && { owner: token.owner.name }),
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
