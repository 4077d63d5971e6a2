import { Type } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import type { LoginCodes } from './login-codes.ts'

const UserRecord = Type.Object({
  users: Type.Array(
    Type.Object({
      name: Type.String(),
      role: Type.Literal('admin'),
      /** Set once somebody signed in as this user. */
      claimed: Type.Boolean(),
    }),
  ),
})

/** The one user there is at first. */
export const ADMIN = 'admin'

/** Long, because the operator may come back to a fresh cluster after lunch; single use all the same. */
export const FIRST_LOGIN_LIFE_MS = 24 * 3_600_000

/** How the very first person gets in. There is no sign-up: whoever reads the terminal or the Secret owns the cluster. */
export interface FirstLogin {
  /** Makes the admin, once. */
  start(signal: AbortSignal): Promise<void>
  stop(): void
  /**
   * While nobody has signed in yet: a login link, for a terminal to show, or left in the Secret and kept fresh there.
   * `undefined` once somebody has.
   */
  offer(to: 'terminal' | 'secret'): Promise<string | undefined>
  /** Somebody signed in: the offer is erased, a used key is not left lying about. */
  claim(user: string): Promise<void>
}

export interface FirstLoginDeps {
  readonly users: DocumentStore
  /** Secret `porpulsion-admin`. */
  readonly adminLink: DocumentStore
  readonly loginCodes: LoginCodes
  readonly clock: Clock
  readonly logger: Logger
  readonly linkFor: (code: string) => string
}

export function createFirstLogin(deps: FirstLoginDeps): FirstLogin {
  const { adminLink, loginCodes, clock, logger } = deps
  const users = createStoredRecord(deps.users, { schema: UserRecord, empty: { users: [] } })
  let cancelRefresh: (() => void) | undefined

  const isClaimed = (): boolean => users.current().users.some(({ claimed }) => claimed)

  async function leaveInSecret(): Promise<void> {
    const { code, expiresAtMs } = await loginCodes.create(ADMIN, FIRST_LOGIN_LIFE_MS, 'first')
    const stored = await adminLink.read()
    await adminLink.write(deps.linkFor(code), stored?.version)
    cancelRefresh?.()
    cancelRefresh = clock.setTimeout(refresh, expiresAtMs - clock.now())
  }

  function refresh(): void {
    if (isClaimed()) return
    leaveInSecret().catch((err: unknown) => {
      logger.error({ err }, 'Could not renew the first login link')
    })
  }

  return {
    async start(signal) {
      await users.start(signal)
      await users.update((value) =>
        value.users.length > 0
          ? value
          : { users: [{ name: ADMIN, role: 'admin' as const, claimed: false }] },
      )
    },

    stop: () => cancelRefresh?.(),

    async offer(to) {
      if (isClaimed()) return undefined
      if (to === 'secret') {
        await leaveInSecret()
        return adminLink.description
      }
      return deps.linkFor((await loginCodes.create(ADMIN, FIRST_LOGIN_LIFE_MS, 'first')).code)
    },

    async claim(user) {
      if (isClaimed()) return
      cancelRefresh?.()
      await users.update(({ users: known }) => ({
        users: known.map((one) => (one.name === user ? { ...one, claimed: true } : one)),
      }))
      await adminLink.remove()
    },
  }
}
