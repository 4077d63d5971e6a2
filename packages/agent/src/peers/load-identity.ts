import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { backoffMs, sleep, type Clock, type Logger, type Random } from '../observability/index.ts'
import type { IdentityStore, StoredIdentity } from './identity-store.ts'
import type { Identity } from './identity.ts'
import { issueCa, type CaKeyPair } from './issue-certificates.ts'
import {
  createOwnIdentity,
  ownCaOf,
  type IdentityOptions,
  type OwnIdentity,
} from './own-identity.ts'

export interface LoadIdentityDeps {
  readonly store: IdentityStore
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Told while we wait and why, and `undefined` once we need not: readiness shows it. */
  readonly onWaiting?: (problem: PorpulsionError | undefined) => void
}

const retry = { minMs: 200, maxMs: 5_000 } as const

/**
 * The identity, made at the very first start. Anything unclear – unreadable, damaged, gone while peers know it – is
 * waited out and said aloud: an agent that minted a second identity would be a stranger to every peer it has.
 */
export async function loadIdentity(
  deps: LoadIdentityDeps,
  options: IdentityOptions,
  signal: AbortSignal,
): Promise<OwnIdentity> {
  let said: string | undefined
  for (let attempt = 0; ; attempt++) {
    try {
      const stored = await readOrCreate(deps, options.name, signal)
      const identity = createOwnIdentity(deps, options, stored)
      deps.onWaiting?.(undefined)
      deps.logger.info({ fingerprint: identity.fingerprint }, 'Loaded identity')
      return identity
    } catch (cause) {
      signal.throwIfAborted()
      const problem = isPorpulsionError(cause) ? cause : unreadable(cause)
      if (problem.message !== said)
        deps.logger.error({ err: problem, code: problem.code }, 'Waiting for the identity')
      said = problem.message
      deps.onWaiting?.(problem)
    }
    await sleep(deps.clock, backoffMs(attempt, retry, deps.random), signal)
  }
}

async function readOrCreate(
  { store, clock, logger }: LoadIdentityDeps,
  name: string,
  signal: AbortSignal,
): Promise<StoredIdentity> {
  const stored = await store.read(signal)
  if (stored !== undefined) return stored
  if (await store.hasPeers(signal)) throw missing()
  const keys = await issueCa(name, clock.now())
  const created = await store.create(keys, signal)
  if (created !== undefined) {
    logger.info('Created identity')
    return created
  }
  const first = await store.read(signal)
  if (first === undefined) throw new Error('it was created by another and is gone again')
  return first
}

/** For one CA that is never renewed. Throws if the key is not that of the certificate. */
export function identityOf(keys: CaKeyPair, options: IdentityOptions, clock: Clock): Identity {
  const ca = ownCaOf(keys, options, clock)
  return {
    ...ca,
    name: options.name,
    origin: ca.fingerprint,
    isOurs: (fingerprint) => fingerprint === ca.fingerprint,
    forPeer: () => ca,
    onChange: () => () => undefined,
  }
}

const unreadable = (cause: unknown): PorpulsionError =>
  new PorpulsionError(
    'Unavailable',
    'IdentityUnreadable',
    `The identity in Secret porpulsion-identity cannot be read (${cause instanceof Error ? cause.message : String(cause)}); waiting, and never making a second one`,
    { cause },
  )

const missing = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'IdentityMissing',
    'Secret porpulsion-identity is gone while Peers exist that know it; restore it from a backup, or delete the Peers to begin anew',
  )
