import { randomBytes } from 'node:crypto'
import {
  fromProblem,
  peerApiVersions,
  PorpulsionError,
  Problem,
  RedeemReply,
  schemaErrors,
  type InviteBundle,
  type RedeemRequest,
} from '@porpulsion/contract'
import { readCaCertificate, type CaCertificate } from './ca-certificate.ts'
import type { Identity } from './identity.ts'
import { inviteKey } from './invite.ts'
import type { RedeemAnswer, RedeemClient } from './redeem-client.ts'
import { prove, provesInvite, provesPossession } from './redeem-proof.ts'
import { replyTranscript, requestTranscript, type RedeemFacts } from './redeem-transcript.ts'

export interface IntroduceSelfDeps {
  readonly identity: Identity
  readonly client: RedeemClient
  /** Where peers reach us, if they can. */
  readonly selfUrl: string | undefined
}

/** `POST /peer` from the redeemer's side: returns the inviting agent's CA once it has proven that it is the one. */
export async function introduceSelf(
  deps: IntroduceSelfDeps,
  bundle: InviteBundle,
  signal: AbortSignal,
): Promise<CaCertificate> {
  const key = inviteKey(Buffer.from(bundle.secret, 'base64url'), bundle.id)
  const facts = factsOf(deps, bundle)
  const answer = await deps.client.post(bundle.url, requestFor(deps.identity, facts, key), signal)
  if (answer.status !== 200) throw refusal(bundle, answer)
  return judgeReply(bundle, facts, key, answer.body)
}

function factsOf({ identity, selfUrl }: IntroduceSelfDeps, bundle: InviteBundle): RedeemFacts {
  return {
    versions: peerApiVersions,
    issuerName: bundle.name,
    redeemerName: identity.name,
    issuerUrl: bundle.url,
    redeemerUrl: selfUrl ?? '',
    issuerFingerprint: bundle.fingerprint,
    redeemerFingerprint: identity.fingerprint,
    inviteId: bundle.id,
    expiresAt: bundle.expiresAt,
    redeemerNonce: randomBytes(32),
  }
}

function requestFor(identity: Identity, facts: RedeemFacts, key: Uint8Array): RedeemRequest {
  const proof = prove(requestTranscript(facts), key, (bytes) => identity.sign(bytes))
  return {
    versions: [...facts.versions],
    name: facts.redeemerName,
    url: facts.redeemerUrl,
    caCertificate: identity.caCertificateDer.toString('base64'),
    inviteId: facts.inviteId,
    nonce: Buffer.from(facts.redeemerNonce).toString('base64'),
    hmac: proof.hmac.toString('base64'),
    signature: proof.signature.toString('base64'),
  }
}

/** Whoever answers must be who made the invite: its CA, its knowledge of K, its key. */
function judgeReply(
  bundle: InviteBundle,
  facts: RedeemFacts,
  key: Uint8Array,
  body: unknown,
): CaCertificate {
  if (schemaErrors(RedeemReply, body).length > 0)
    throw impostor(bundle, 'its answer is not that of a Porpulsion agent')
  const reply = body as RedeemReply // checked by schemaErrors above
  const reading = readCaCertificate(Buffer.from(reply.caCertificate, 'base64'))
  if (reading.kind === 'invalid') throw impostor(bundle, `its CA certificate ${reading.message}`)
  const { ca } = reading
  if (ca.fingerprint !== bundle.fingerprint)
    throw impostor(bundle, `its CA fingerprint is ${ca.fingerprint}, not ${bundle.fingerprint}`)
  const transcript = replyTranscript(facts, {
    issuerNonce: Buffer.from(reply.nonce, 'base64'),
    version: reply.version,
  })
  if (!provesInvite(Buffer.from(reply.hmac, 'base64'), transcript, key))
    throw impostor(bundle, 'it does not know the invite')
  if (!provesPossession(Buffer.from(reply.signature, 'base64'), transcript, ca.publicKey))
    throw impostor(bundle, 'it does not hold the key of its CA certificate')
  return ca
}

const passedOn = [
  'InviteInvalid',
  'InviteUsed',
  'InviteExpired',
  'SelfPeering',
  'UnsupportedVersion',
  'RateLimited',
]

/** Nothing proves who refused: an ingress, the agent, somebody else. So it is quoted. */
function refusal(bundle: InviteBundle, { status, body }: RedeemAnswer): PorpulsionError {
  if (schemaErrors(Problem, body).length > 0) {
    const kind = status >= 500 ? 'PeerUnreachable' : 'PeerRefused'
    return new PorpulsionError(
      kind === 'PeerUnreachable' ? 'Unavailable' : 'FailedPrecondition',
      kind,
      `${bundle.url} answered ${status}, not as a Porpulsion agent does${status >= 300 && status < 400 ? ' (redirects are refused)' : ''}; check the URL of the agent that invites`,
    )
  }
  const said = fromProblem(body as Problem) // checked by schemaErrors above
  const quoted = `The agent at ${bundle.url} says: "${said.message.slice(0, 500)}"`
  return passedOn.includes(said.code)
    ? new PorpulsionError(said.kind, said.code, quoted, {
        ...(said.retryAfterSeconds !== undefined && { retryAfterSeconds: said.retryAfterSeconds }),
      })
    : new PorpulsionError('FailedPrecondition', 'PeerRefused', quoted)
}

const impostor = (bundle: InviteBundle, why: string): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'PeerIdentityMismatch',
    `The agent at ${bundle.url} is not the one that made the invite: ${why}. Nothing was added`,
  )
