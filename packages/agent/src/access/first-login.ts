import { PorpulsionError } from '@porpulsion/contract'
import type { DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import type { LoginCodes, NewLoginCode } from './login-codes.ts'
import type { Users } from './users.ts'

/** Long, because the operator may come back to a fresh cluster after lunch; single use all the same. */
export const FIRST_LOGIN_LIFE_MS = 24 * 3_600_000

/** How the very first person gets in. There is no sign-up: whoever reads the terminal or the Secret owns the cluster. */
export interface FirstLogin {
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
  readonly users: Users
  /** Secret `porpulsion-admin`. */
  readonly adminLink: DocumentStore
  readonly loginCodes: LoginCodes
  readonly clock: Clock
  readonly logger: Logger
  readonly linkFor: (code: string) => string
}

export function createFirstLogin(deps: FirstLoginDeps): FirstLogin {
  const { adminLink, loginCodes, users, clock, logger } = deps
  let cancelRefresh: (() => void) | undefined

  async function newCode(): Promise<NewLoginCode> {
    const admin = users.firstAdmin()
    if (admin === undefined) throw noAdmin()
    return await loginCodes.create(admin, FIRST_LOGIN_LIFE_MS, 'first')
  }

  async function leaveInSecret(): Promise<void> {
    const { code, expiresAtMs } = await newCode()
    const stored = await adminLink.read()
    await adminLink.write(deps.linkFor(code), stored?.version)
    cancelRefresh?.()
    cancelRefresh = clock.setTimeout(refresh, expiresAtMs - clock.now())
  }

  function refresh(): void {
    if (users.isClaimed()) return
    leaveInSecret().catch((err: unknown) => {
      logger.error({ err }, 'Could not renew the first login link')
    })
  }

  return {
    stop: () => cancelRefresh?.(),

    async offer(to) {
      if (users.isClaimed()) return undefined
      if (to === 'secret') {
        await leaveInSecret()
        return adminLink.description
      }
      return deps.linkFor((await newCode()).code)
    },

    async claim(user) {
      if (!users.isClaimed()) {
        cancelRefresh?.()
        // Before it is written that somebody came: who fails in between tries again at the next sign-in.
        await adminLink.remove()
      }
      await users.claim(user)
    },
  }
}

/** Nobody ever signed in, so that no change can have led here: somebody edited the Secret. */
const noAdmin = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'RecordUnreadable',
    'Secret porpulsion-users names no admin; delete it to start over',
  )
