import type { Clock } from '../../src/observability/index.ts'
import { systemClock } from '../../src/observability/index.ts'
import { issueCa } from '../../src/peers/issue-certificates.ts'
import { identityOf } from '../../src/peers/load-identity.ts'
import type { Identity, OwnCa } from '../../src/peers/index.ts'

/** A new identity, as at a first start. */
export async function anIdentity(
  name: string,
  clock: Clock = systemClock,
  options: { readonly leafLifeMs?: number } = {},
): Promise<Identity> {
  return identityOf(await issueCa(name, clock.now()), { name, ...options }, clock)
}

/** Certificates that are good for a day, and that their owner believes to end in a second and a half. */
export async function anAgeingIdentity(
  name: string,
): Promise<Identity & { readonly issued: () => number }> {
  const identity = await anIdentity(name)
  let issued = 0
  const ca: OwnCa = {
    ...identity.forPeer(''),
    async issueLeaf() {
      issued++
      const nowMs = Date.now()
      return { ...(await identity.issueLeaf()), notBeforeMs: nowMs, notAfterMs: nowMs + 1_500 }
    },
  }
  return { ...identity, forPeer: () => ca, issued: () => issued }
}
