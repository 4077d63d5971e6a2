import { PorpulsionError } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock } from '../observability/index.ts'
import { hashSecret, newSecret, sameSecret } from './secrets.ts'

/** What is kept of open login codes: enough to recognise one, not to use it. */
const LoginCodeRecord = Type.Object({
  codes: Type.Array(
    Type.Object({
      hash: Type.String(),
      user: Type.String(),
      /** Another user of the same name is somebody else. */
      userId: Type.Optional(Type.String()),
      expiresAtMs: Type.Number(),
      /** Offered at first start, for whoever reads it first: replaced by the next one. */
      first: Type.Optional(Type.Boolean()),
    }),
  ),
})
type LoginCode = Static<typeof LoginCodeRecord>['codes'][number]

/** At the bound making another is refused: whoever makes links can wait, whoever holds one must not lose it. */
export const MAX_OPEN_LOGIN_CODES = 64

export interface NewLoginCode {
  /** The only time it is seen. */
  readonly code: string
  readonly expiresAtMs: number
}

/** Whom a code lets in. */
export interface CodeHolder {
  readonly name: string
  readonly id: string
}

/** One-time codes that let a user in. */
export interface LoginCodes {
  start(signal: AbortSignal): Promise<void>
  create(user: CodeHolder, lifeMs: number, kind?: 'first'): Promise<NewLoginCode>
  /** The user it would let in. Throws `LoginLinkInvalid`. Costs the cluster nothing, so guesses do not either. */
  check(code: string): Partial<CodeHolder> & Pick<CodeHolder, 'name'>
  /** As `check`, and it works no second time, whatever dies in between. */
  redeem(code: string): Promise<void>
  /** Of a user who is no more. */
  eraseOf(user: string): Promise<void>
}

export function createLoginCodes(store: DocumentStore, clock: Clock): LoginCodes {
  const record = createStoredRecord(store, { schema: LoginCodeRecord, empty: { codes: [] } })
  const isOpen = ({ expiresAtMs }: LoginCode): boolean => expiresAtMs > clock.now()

  function openOne(codes: readonly LoginCode[], code: string): LoginCode {
    const hash = hashSecret(code)
    const found = codes.find((known) => sameSecret(known.hash, hash))
    if (found === undefined || !isOpen(found)) throw loginLinkInvalid()
    return found
  }

  return {
    start: (signal) => record.start(signal),

    async create({ name: user, id: userId }, lifeMs, kind) {
      const code = newSecret()
      const expiresAtMs = clock.now() + lifeMs
      const first = kind === 'first'
      const added = { hash: hashSecret(code), user, userId, expiresAtMs, ...(first && { first }) }
      await record.update(({ codes }) => {
        const kept = codes.filter((known) => isOpen(known) && !(first && known.first === true))
        if (kept.length >= MAX_OPEN_LOGIN_CODES) throw tooMany()
        return { codes: [...kept, added] }
      })
      return { code, expiresAtMs }
    },

    check(code) {
      const { user: name, userId: id } = openOne(record.current().codes, code)
      return { name, ...(id !== undefined && { id }) }
    },

    async redeem(code) {
      await record.update(({ codes }) => {
        const found = openOne(codes, code)
        return { codes: codes.filter((known) => known !== found && isOpen(known)) }
      })
    },

    async eraseOf(user) {
      await record.update((value) =>
        value.codes.some((known) => known.user === user)
          ? { codes: value.codes.filter((known) => known.user !== user) }
          : value,
      )
    },
  }
}

export const loginLinkInvalid = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'LoginLinkInvalid',
    'This login link was used, has expired or is wrong; create a new one with `porpulsion login`',
  )

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyLoginLinks',
    `There are ${MAX_OPEN_LOGIN_CODES} open login links; use one, or wait until some expire`,
  )
