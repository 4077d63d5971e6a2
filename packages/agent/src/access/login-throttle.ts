import { isPorpulsionError } from '@porpulsion/contract'
import { createRateLimit, type RateLimitOptions } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'

/** Who tries a password. */
export interface Guesser {
  /** As typed; there may be no such user. */
  readonly account: string
  /** One customer's addresses count as one. */
  readonly addressGroup: string
  /** The browser, if this very user signed in from it before. */
  readonly device?: string | undefined
}

/** Failures of one account from one place: a person who forgot a password, and little more. */
const placeLimit: RateLimitOptions = { perSecond: 1 / 30, burst: 10, maxKeys: 20_000 }
/**
 * Failures of one account from everywhere. Higher than any few places can reach, so that nobody can use it to keep the
 * owner out; what it stops is a guess from everywhere at once.
 */
const accountLimit: RateLimitOptions = { perSecond: 0.5, burst: 300, maxKeys: 10_000 }

export interface LoginThrottle {
  /** Throws `RateLimited` instead of trying when too much has failed; only failures count. */
  attempt<R>(guesser: Guesser, tryIt: () => Promise<R>): Promise<R>
}

export function createLoginThrottle(clock: Clock): LoginThrottle {
  const places = createRateLimit(clock, placeLimit)
  const accounts = createRateLimit(clock, accountLimit)

  /** Takes what one attempt may cost, before it: a thousand at the same moment are not all let through. */
  function take({ account, addressGroup, device }: Guesser): () => void {
    // A known browser is a place of its own, which no stranger can use up.
    const place = JSON.stringify([account, device ?? addressGroup, device !== undefined])
    places.take(place)
    if (device !== undefined) return () => places.giveBack(place)
    accounts.take(account)
    return () => {
      places.giveBack(place)
      accounts.giveBack(account)
    }
  }

  return {
    async attempt(guesser, tryIt) {
      const giveBack = take(guesser)
      try {
        const result = await tryIt()
        giveBack()
        return result
      } catch (error) {
        if (!isWrong(error)) giveBack()
        throw error
      }
    },
  }
}

const isWrong = (error: unknown): boolean =>
  isPorpulsionError(error) &&
  (error.code === 'PasswordWrong' || error.code === 'CurrentPasswordWrong')
