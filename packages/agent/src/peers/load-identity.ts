import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { backoffMs, sleep, type Clock, type Logger, type Random } from '../observability/index.ts'
import { readCaCertificate } from './ca-certificate.ts'
import type { IdentityStore } from './identity-store.ts'
import type { Identity } from './identity.ts'
import { issueCa, issueLeaf, type CaKeyPair } from './issue-certificates.ts'

export interface LoadIdentityDeps {
  readonly store: IdentityStore
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Told while we wait and why, and `undefined` once we need not: readiness shows it. */
  readonly onWaiting?: (problem: PorpulsionError | undefined) => void
}

export interface IdentityOptions {
  readonly name: string
  /** How long a leaf is good for. Default: a day. */
  readonly leafLifeMs?: number
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
): Promise<Identity> {
  let said: string | undefined
  for (let attempt = 0; ; attempt++) {
    try {
      const keys = await readOrCreate(deps, options.name, signal)
      const identity = identityOf(keys, options, deps.clock)
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
): Promise<CaKeyPair> {
  const stored = await store.read(signal)
  if (stored !== undefined) return stored
  if (await store.hasPeers(signal)) throw missing()
  const keys = await issueCa(name, clock.now())
  if ((await store.create(keys, signal)) === 'created') {
    logger.info('Created identity')
    return keys
  }
  const first = await store.read(signal)
  if (first === undefined) throw new Error('it was created by another and is gone again')
  return first
}

/** Throws if the parts do not belong together. */
export function identityOf(
  keys: CaKeyPair,
  { name, leafLifeMs }: IdentityOptions,
  clock: Clock,
): Identity {
  const reading = readCaCertificate(keys.certificatePem)
  if (reading.kind === 'invalid') throw new Error(`its certificate ${reading.message}`)
  const { ca } = reading
  const caKey = createPrivateKey(keys.keyPem)
  if (!isKeyOf(caKey, ca.publicKey)) throw new Error('its key is not that of its certificate')
  return {
    name,
    fingerprint: ca.fingerprint,
    caCertificatePem: ca.pem,
    caCertificateDer: ca.der,
    issueLeaf: () =>
      issueLeaf({
        name,
        fingerprint: ca.fingerprint,
        caCertificatePem: ca.pem,
        caKey,
        nowMs: clock.now(),
        ...(leafLifeMs !== undefined && { lifeMs: leafLifeMs }),
      }),
    sign: (bytes) => sign('sha256', bytes, caKey),
  }
}

function isKeyOf(key: KeyObject, publicKey: KeyObject): boolean {
  return createPublicKey(key).equals(publicKey)
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
