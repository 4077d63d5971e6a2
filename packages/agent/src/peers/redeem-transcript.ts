import { lengthPrefixed } from './length-prefixed.ts'

/** What both sides say of themselves when an invite is redeemed; docs/protocol.md, "Redeeming an invite". */
export interface RedeemFacts {
  /** Protocol versions of the redeemer, as it sent them. */
  readonly versions: readonly number[]
  readonly issuerName: string
  readonly redeemerName: string
  readonly issuerUrl: string
  /** Empty if it cannot be dialled. */
  readonly redeemerUrl: string
  /** Hex; SHA-256 of the CA certificates. */
  readonly issuerFingerprint: string
  readonly redeemerFingerprint: string
  readonly inviteId: string
  /** As the bundle spells it. */
  readonly expiresAt: string
  readonly redeemerNonce: Uint8Array
}

/** What only the answer adds. */
export interface ReplyFacts {
  readonly issuerNonce: Uint8Array
  /** The version the issuer chose. */
  readonly version: number
}

const label = 'porpulsion/peer/1'

/** What the redeemer proves. */
export function requestTranscript(facts: RedeemFacts): Buffer {
  return lengthPrefixed([label, 'request', ...common(facts)])
}

/** What the issuer proves. The direction differs, so that neither proof can be handed back as the other. */
export function replyTranscript(facts: RedeemFacts, reply: ReplyFacts): Buffer {
  return lengthPrefixed([
    label,
    'reply',
    ...common(facts),
    reply.issuerNonce,
    String(reply.version),
  ])
}

function common(facts: RedeemFacts): readonly (string | Uint8Array)[] {
  return [
    facts.versions.join(','),
    facts.issuerName,
    facts.redeemerName,
    facts.issuerUrl,
    facts.redeemerUrl,
    Buffer.from(facts.issuerFingerprint, 'hex'),
    Buffer.from(facts.redeemerFingerprint, 'hex'),
    facts.inviteId,
    facts.expiresAt,
    facts.redeemerNonce,
  ]
}
