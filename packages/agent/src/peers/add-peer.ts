import { decodeInviteBundle, PorpulsionError, type PeerSpec } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import { readCaCertificate, type CaCertificate } from './ca-certificate.ts'
import { readChain } from './ca-chain.ts'
import { introduceSelf, type IntroduceSelfDeps } from './introduce-self.ts'
import { isExpired } from './invite.ts'
import { requireFree } from './peer-name.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'
import type { Revocations } from './revocations.ts'

export interface AddPeerDeps extends IntroduceSelfDeps {
  readonly store: PeerStore
  readonly revocations: Revocations
  readonly clock: Clock
}

export interface AddPeerOptions {
  readonly bundle: string
  /** Our name for it; default: its own. */
  readonly as?: string
  readonly confirm: boolean
}

/**
 * The redeemer's side of an invite. Everything that can be refused here is refused before the invite is used up, and
 * doing it twice is doing it once.
 */
export async function addPeer(
  deps: AddPeerDeps,
  options: AddPeerOptions,
  signal: AbortSignal,
): Promise<StoredPeer> {
  const bundle = decodeInviteBundle(options.bundle)
  if (bundle.fingerprint === deps.identity.fingerprint)
    throw new PorpulsionError('Invalid', 'SelfPeering', 'The invite is from this very agent')
  if (isExpired(bundle, deps.clock.now()))
    throw new PorpulsionError(
      'FailedPrecondition',
      'InviteExpired',
      `The invite expired at ${bundle.expiresAt}; create a new one on cluster "${bundle.name}"`,
    )
  const existing = holderOf(deps.store, bundle.fingerprint)
  const name = options.as ?? existing?.metadata.name ?? bundle.name
  if (existing === undefined) requireFree(name, deps.store.get(name))
  else if (existing.metadata.name !== name)
    throw new PorpulsionError(
      'AlreadyExists',
      'PeerExists',
      `This agent is a peer already, under the name "${existing.metadata.name}"`,
    )
  const ca = await introduceSelf(deps, bundle, signal)
  return await keepPeer(deps, { name, ca, url: bundle.url, confirmed: options.confirm })
}

export interface PeerToKeep {
  readonly name: string
  readonly ca: CaCertificate
  readonly url: string | undefined
  /** Confirms; an operator's earlier confirmation is never taken back by this. */
  readonly confirmed: boolean
}

/** Writes down a peer whose identity was proven. One with this CA keeps its name and is brought up to date. */
export async function keepPeer(
  { store, revocations }: Pick<AddPeerDeps, 'store' | 'revocations'>,
  { name, ca, url, confirmed }: PeerToKeep,
): Promise<StoredPeer> {
  const existing = holderOf(store, ca.fingerprint)
  requireCurrent(existing, ca)
  // A new invite is what lets a removed peer back in.
  await revocations.lift(ca.fingerprint)
  for (const { fingerprint } of casIn(existing?.spec)) await revocations.lift(fingerprint)
  const change: Partial<PeerSpec> = {
    ...(url !== undefined && { url }),
    ...(confirmed && { confirmed }),
  }
  if (existing !== undefined) return await store.updateSpec(existing, change)
  return await store.create(name, {
    caCertificate: ca.pem,
    fingerprint: ca.fingerprint,
    confirmed: false,
    ...change,
  })
}

/** The Peer that stands for this CA, if one does that is not on its way out. */
function holderOf(store: PeerStore, fingerprint: string): StoredPeer | undefined {
  return store
    .list()
    .find(
      ({ metadata, spec, status }) =>
        metadata.deletionTimestamp === undefined &&
        ((status?.fingerprint ?? spec.fingerprint) === fingerprint ||
          casIn(spec).some((ca) => ca.fingerprint === fingerprint)),
    )
}

/** Without renewals the first CA is the only one, and its fingerprint stands beside it. */
function casIn(spec: PeerSpec | undefined): readonly CaCertificate[] {
  if (spec?.renewals === undefined) return []
  const reading = readChain(spec, readCaCertificate)
  return reading.kind === 'chain' ? reading.chain.cas : []
}

/** A CA that was given up does not come back, not even with an invite: its key may be anybody's by now. */
function requireCurrent(existing: StoredPeer | undefined, ca: CaCertificate): void {
  if (existing?.spec.renewals === undefined) return
  const reading = readChain(existing.spec, readCaCertificate)
  if (reading.kind === 'chain' && reading.chain.current.fingerprint === ca.fingerprint) return
  throw new PorpulsionError(
    'AlreadyExists',
    'PeerExists',
    `Peer "${existing.metadata.name}" has renewed its CA since it had this one; remove it here first, then use a new invite`,
  )
}
