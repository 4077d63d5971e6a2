import type { Clock } from '../observability/index.ts'
import { newId, sameSecret } from './secrets.ts'

/** A browser that somebody signed in from is recognised for so long. */
export const DEVICE_LIFE_MS = 90 * 86_400_000

/**
 * Marks of browsers that a user has signed in from. A mark opens nothing: its failed passwords are only counted by
 * themselves, so that whoever guesses at the same account, from the same address even, does not slow its owner down.
 */
export interface Devices {
  issue(userId: string): string
  /** Names this browser; `undefined` for a mark that is not ours, not this user's, or too old. */
  recognise(mark: string | undefined, userId: string): string | undefined
}

export function createDevices(
  seals: { sealOf(kind: string, parts: readonly string[]): string },
  clock: Clock,
): Devices {
  const seal = (userId: string, device: string, expiresAtSeconds: string): string =>
    seals.sealOf('porpulsion/device/1', [userId, device, expiresAtSeconds])

  return {
    issue(userId) {
      const device = newId()
      const expires = String(Math.floor((clock.now() + DEVICE_LIFE_MS) / 1_000))
      return `${device}.${expires}.${seal(userId, device, expires)}`
    },
    recognise(mark, userId) {
      const [, device = '', expires = '', mac = ''] =
        /^([0-9a-f]{12})\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(mark ?? '') ?? []
      if (mac === '' || Number(expires) * 1_000 <= clock.now()) return undefined
      return sameSecret(mac, seal(userId, device, expires)) ? device : undefined
    },
  }
}
