import type { Clock } from '../../src/observability/index.ts'
import { systemClock } from '../../src/observability/index.ts'
import { issueCa } from '../../src/peers/issue-certificates.ts'
import { identityOf } from '../../src/peers/load-identity.ts'
import type { Identity } from '../../src/peers/index.ts'

/** A new identity, as at a first start. */
export async function anIdentity(
  name: string,
  clock: Clock = systemClock,
  options: { readonly leafLifeMs?: number } = {},
): Promise<Identity> {
  return identityOf(await issueCa(name, clock.now()), { name, ...options }, clock)
}
