import { randomBytes } from 'node:crypto'
import {
  isPorpulsionError,
  parseAs,
  peerApiVersions,
  PorpulsionError,
  RedeemRequest,
  type RedeemReply,
} from '@porpulsion/contract'
import { ANYONE, outcomeOf, type Audit } from '../audit/index.ts'
import type { Logger } from '../observability/index.ts'
import type { AttemptLimit } from './attempt-limit.ts'
import { readCaCertificate, type CaCertificate } from './ca-certificate.ts'
import type { Identity } from './identity.ts'
import type { FoundInvite, InviteBook } from './invite-book.ts'
import type { InviteRecord } from './invite.ts'
import { prove, provesInvite, provesPossession } from './redeem-proof.ts'
import { replyTranscript, requestTranscript, type RedeemFacts } from './redeem-transcript.ts'

export interface RedeemInviteDeps {
  readonly identity: Identity
  readonly invites: InviteBook
  readonly limit: AttemptLimit
  readonly logger: Logger
  readonly audit: Audit
  /** Makes the redeemer our peer; called again for a retry. */
  readonly admit: (redeemer: Redeemer) => Promise<void>
}

/** Who redeemed an invite, once all of it was proven. */
export interface Redeemer {
  /** What it calls itself. */
  readonly name: string
  readonly url: string | undefined
  readonly ca: CaCertificate
  readonly autoConfirm: boolean
}

/**
 * `POST /peer` at the inviting side. Nothing in the body is believed before both proofs hold; who cannot prove the
 * secret learns nothing, not even whether the invite exists.
 */
export async function redeemInvite(
  deps: RedeemInviteDeps,
  body: unknown,
  remoteAddress: string,
): Promise<RedeemReply> {
  const told = { actor: ANYONE, action: 'redeemInvite', from: remoteAddress } as const
  try {
    const { reply, invite, redeemer } = await redeem(deps, body, remoteAddress)
    deps.audit.record({ ...told, about: `invite/${invite}`, peer: redeemer, outcome: 'done' })
    return reply
  } catch (error) {
    const { kind, code } = isPorpulsionError(error) ? error : unexpected
    deps.audit.record({ ...told, outcome: outcomeOf(kind), reason: code })
    throw error
  }
}

const unexpected = { kind: 'Internal', code: 'InternalError' } as const

interface Redemption {
  readonly reply: RedeemReply
  /** Its id. */
  readonly invite: string
  /** What it calls itself. */
  readonly redeemer: string
}

async function redeem(
  deps: RedeemInviteDeps,
  body: unknown,
  remoteAddress: string,
): Promise<Redemption> {
  const request = parseAs(RedeemRequest, body)
  const claim = readClaim(deps, request)
  if (claim.kind === 'unproven') {
    const refusal = deps.limit.failed(remoteAddress, inviteInvalid())
    // The reason stays here: the answer is the same whatever it was.
    deps.logger.info({ remoteAddress, reason: claim.reason }, 'Refused to redeem an invite')
    throw refusal
  }
  const { ca, facts } = claim
  const version = commonVersion(request.versions)
  if (ca.fingerprint === deps.identity.fingerprint) throw selfPeering()
  const record = await claimInvite(deps.invites, claim.found, ca.fingerprint)
  await deps.admit({
    name: request.name,
    url: request.url === '' ? undefined : request.url,
    ca,
    autoConfirm: record.autoConfirm,
  })
  await deps.invites.sweep()
  deps.logger.info({ invite: record.id, fingerprint: ca.fingerprint }, 'Redeemed an invite')
  return {
    reply: answer(deps.identity, record, facts, version),
    invite: record.id,
    redeemer: request.name,
  }
}

type Claim =
  | {
      readonly kind: 'proven'
      readonly found: FoundInvite
      readonly ca: CaCertificate
      readonly facts: RedeemFacts
    }
  | { readonly kind: 'unproven'; readonly reason: string }

/** Decides, touches nothing. */
function readClaim({ identity, invites }: RedeemInviteDeps, request: RedeemRequest): Claim {
  const reading = readCaCertificate(Buffer.from(request.caCertificate, 'base64'))
  if (reading.kind === 'invalid')
    return { kind: 'unproven', reason: `CA certificate ${reading.message}` }
  const found = invites.find(request.inviteId)
  // An unknown invite costs the same hash as a wrong proof.
  const record = found?.record ?? nobodysInvite(request.inviteId)
  const facts: RedeemFacts = {
    versions: request.versions,
    issuerName: record.name,
    redeemerName: request.name,
    issuerUrl: record.url,
    redeemerUrl: request.url,
    issuerFingerprint: identity.fingerprint,
    redeemerFingerprint: reading.ca.fingerprint,
    inviteId: record.id,
    expiresAt: record.expiresAt,
    redeemerNonce: Buffer.from(request.nonce, 'base64'),
  }
  const transcript = requestTranscript(facts)
  const hmac = Buffer.from(request.hmac, 'base64')
  const holds = provesInvite(hmac, transcript, Buffer.from(record.key, 'base64'))
  if (found === undefined) return { kind: 'unproven', reason: 'unknown invite' }
  if (!holds) return { kind: 'unproven', reason: 'wrong HMAC' }
  const signature = Buffer.from(request.signature, 'base64')
  if (!provesPossession(signature, transcript, reading.ca.publicKey))
    return { kind: 'unproven', reason: 'no possession of the CA key' }
  return { kind: 'proven', found, ca: reading.ca, facts }
}

/** The invite, now this redeemer's. Whoever got here knows the secret and is told the truth. */
async function claimInvite(
  invites: InviteBook,
  found: FoundInvite,
  fingerprint: string,
): Promise<InviteRecord> {
  const { id } = found.record
  const claimed = found.kind === 'open' ? await invites.markUsed(id, fingerprint) : found
  if (claimed?.kind === 'used' && claimed.usedBy === fingerprint) return claimed.record
  switch (claimed?.kind) {
    case 'used':
      throw new PorpulsionError(
        'FailedPrecondition',
        'InviteUsed',
        `Invite ${id} was already redeemed by another agent; create a new one. If you did not redeem it, the invite was stolen: compare the fingerprints of the peer that did`,
      )
    case 'expired':
      throw new PorpulsionError(
        'FailedPrecondition',
        'InviteExpired',
        `Invite ${id} expired at ${found.record.expiresAt}; create a new one`,
      )
    default:
      // Revoked while we looked.
      throw inviteInvalid()
  }
}

function answer(
  identity: Identity,
  record: InviteRecord,
  facts: RedeemFacts,
  version: number,
): RedeemReply {
  const issuerNonce = randomBytes(32)
  const transcript = replyTranscript(facts, { issuerNonce, version })
  const proof = prove(transcript, Buffer.from(record.key, 'base64'), (bytes) =>
    identity.sign(bytes),
  )
  return {
    version,
    name: record.name,
    url: record.url,
    caCertificate: identity.caCertificateDer.toString('base64'),
    nonce: issuerNonce.toString('base64'),
    hmac: proof.hmac.toString('base64'),
    signature: proof.signature.toString('base64'),
  }
}

function commonVersion(versions: readonly number[]): number {
  const common = peerApiVersions.filter((version) => versions.includes(version))
  if (common.length === 0)
    throw new PorpulsionError(
      'FailedPrecondition',
      'UnsupportedVersion',
      `This agent speaks version ${peerApiVersions.join(', ')}, the other ${versions.join(', ')}; upgrade the older one`,
    )
  return Math.max(...common)
}

/** Nobody knows its key: a proof against it fails like any wrong one. */
function nobodysInvite(id: string): InviteRecord {
  return {
    id,
    key: randomBytes(32).toString('base64'),
    createdAt: '',
    createdBy: '',
    expiresAt: '',
    autoConfirm: false,
    name: '',
    url: '',
  }
}

const inviteInvalid = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'InviteInvalid',
    'The invite is wrong, unknown or revoked; create a new one on the cluster that invites',
  )

const selfPeering = (): PorpulsionError =>
  new PorpulsionError('Invalid', 'SelfPeering', 'The invite is from this very agent')
