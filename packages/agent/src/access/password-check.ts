import { invalidFields, PorpulsionError } from '@porpulsion/contract'
import type { FairQueue } from './fair-queue.ts'
import type { Guesser, LoginThrottle } from './login-throttle.ts'
import { assertFitPassword, hashPassword, isPassword } from './password.ts'
import type { Account, Users } from './users.ts'

export interface NewPassword {
  readonly currentPassword?: string
  readonly newPassword: string
  /** Where it is asked from, so that failures there count there. */
  readonly place: string
  /** Unless they just proved who they are in another way. */
  readonly needsCurrent: boolean
}

/** Passwords as proof, at a pace at which they cannot be guessed. */
export interface PasswordCheck {
  /** Throws `PasswordWrong`, and nothing else for a user who does not exist. */
  prove(guesser: Guesser, password: string): Promise<Account>
  change(user: { readonly id: string; readonly name: string }, change: NewPassword): Promise<void>
}

export function createPasswordCheck(deps: {
  readonly users: Users
  readonly throttle: LoginThrottle
  readonly queue: FairQueue
}): PasswordCheck {
  const { users, throttle, queue } = deps

  async function assertCurrent(account: Account, { currentPassword, place }: NewPassword) {
    if (currentPassword === undefined)
      throw invalidFields([{ path: 'currentPassword', message: 'is required' }])
    const guesser = { account: account.id, addressGroup: place }
    await throttle.attempt(guesser, async () => {
      const { password } = account
      if (!(await queue.run(place, () => isPassword(currentPassword, password))))
        throw currentPasswordWrong()
    })
  }

  return {
    prove: (guesser, password) =>
      throttle.attempt(guesser, async () => {
        const before = users.enabled(guesser.account)
        const place = guesser.device ?? guesser.addressGroup
        const isRight = await queue.run(place, () => isPassword(password, before?.password))
        // Hashing takes its time; what changed meanwhile counts.
        const now = users.enabled(guesser.account, before?.id)
        if (!isRight || now === undefined || now.password?.hash !== before?.password?.hash)
          throw passwordWrong()
        return now
      }),

    async change(user, change) {
      const { newPassword, needsCurrent, place } = change
      const account = users.enabled(user.name, user.id)
      if (account === undefined) throw passwordWrong()
      assertFitPassword(newPassword, user.name)
      if (needsCurrent && account.password !== undefined) await assertCurrent(account, change)
      const password = await queue.run(place, () => hashPassword(newPassword))
      await users.update(user.name, { password })
    },
  }
}

const passwordWrong = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'PasswordWrong',
    'The name or the password is wrong. If you have no password, ask an admin for a login link',
  )

const currentPasswordWrong = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'CurrentPasswordWrong',
    'The current password is wrong. If you forgot it, ask an admin for a login link: with it you can set a new one',
  )
