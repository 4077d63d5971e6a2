import { hkdfSync, randomBytes } from 'node:crypto'
import { encodeInviteBundle, type InviteBundle } from '@porpulsion/contract'
import { isoSeconds } from './iso-seconds.ts'

export const defaultInviteSeconds = 3_600
/** More open invites than this are a script gone wrong. */
export const maxOpenInvites = 100

/** What the inviting side keeps. Never the secret, though K alone can redeem too: it is stored like one. */
export interface InviteRecord {
  readonly id: string
  /** K, base64. */
  readonly key: string
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string
  readonly autoConfirm: boolean
  /** Our name and URL as the bundle says them: both sides prove over the same words even if we are renamed. */
  readonly name: string
  readonly url: string
  /** Fingerprint of the one that redeemed it; only this one may ask again. */
  readonly usedBy?: string
}

export interface NewInvite {
  readonly record: InviteRecord
  /** To paste at the other cluster; shown once. */
  readonly bundle: string
}

export interface InviteOptions {
  readonly name: string
  readonly url: string
  readonly fingerprint: string
  readonly createdBy: string
  readonly nowMs: number
  readonly lifeSeconds: number
  readonly autoConfirm: boolean
}

export function newInvite(options: InviteOptions): NewInvite {
  const id = randomBytes(8).toString('hex')
  const secret = randomBytes(32)
  const expiresAt = isoSeconds(options.nowMs + options.lifeSeconds * 1_000)
  const bundle: InviteBundle = {
    url: options.url,
    name: options.name,
    fingerprint: options.fingerprint,
    id,
    secret: secret.toString('base64url'),
    expiresAt,
  }
  return {
    bundle: encodeInviteBundle(bundle),
    record: {
      id,
      key: inviteKey(secret, id).toString('base64'),
      createdAt: isoSeconds(options.nowMs),
      createdBy: options.createdBy,
      expiresAt,
      autoConfirm: options.autoConfirm,
      name: options.name,
      url: options.url,
    },
  }
}

/** K: what both sides can compute and the wire never sees. */
export function inviteKey(secret: Uint8Array, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.from(id), 'porpulsion/invite/1', 32))
}

export function isExpired(invite: Pick<InviteRecord, 'expiresAt'>, nowMs: number): boolean {
  return Date.parse(invite.expiresAt) <= nowMs
}
