/** The one-time invite as a string to paste: `porp1.<base64url of JSON>.<8 hex digits of checksum>`. */
import { Type, type Static } from 'typebox'
import { PorpulsionError } from './errors.ts'
import { closed } from './kubernetes-object.ts'
import { DnsLabel, Fingerprint } from './names.ts'
import { schemaErrors } from './validate.ts'
import { patterns } from './patterns.ts'

export const InviteBundle = closed({
  url: Type.String({
    pattern: patterns.httpUrl,
    maxLength: 2_048,
    description: 'Where the inviting agent is dialled.',
  }),
  name: DnsLabel,
  fingerprint: Fingerprint,
  id: Type.String({ pattern: '^[0-9a-z]{8,32}$' }),
  secret: Type.String({
    pattern: '^[A-Za-z0-9_-]{43}$',
    description: '32 random bytes, base64url.',
  }),
  expiresAt: Type.String({ maxLength: 40 }),
})
export type InviteBundle = Static<typeof InviteBundle>

const PREFIX = 'porp1.'
const MAX_BUNDLE_CHARACTERS = 8_192

export function encodeInviteBundle(bundle: InviteBundle): string {
  const payload = toBase64Url(JSON.stringify(bundle))
  return `${PREFIX}${payload}.${checksum(payload)}`
}

/** Throws `BundleInvalid`, saying what is wrong with the paste. White space inside (line wraps) is forgiven. */
export function decodeInviteBundle(text: string): InviteBundle {
  const compact = text.replace(/\s+/g, '')
  if (!compact.startsWith(PREFIX)) throw invalid('An invite starts with "porp1."')
  if (compact.length > MAX_BUNDLE_CHARACTERS) throw invalid('This is too long to be an invite')
  const [payload = '', sum] = compact.slice(PREFIX.length).split('.')
  if (sum !== checksum(payload)) {
    throw invalid('The invite is incomplete: copy it again, from "porp1." to its very end')
  }
  let value: unknown
  try {
    value = JSON.parse(fromBase64Url(payload))
  } catch (cause) {
    throw invalid('The invite cannot be read: copy it again', cause)
  }
  const [error] = schemaErrors(InviteBundle, value)
  if (error !== undefined)
    throw invalid(`The invite cannot be read (${error.path}: ${error.message})`)
  return value as InviteBundle // checked by schemaErrors above
}

const invalid = (message: string, cause?: unknown): PorpulsionError =>
  new PorpulsionError('Invalid', 'BundleInvalid', message, { cause })

/** FNV-1a, 32 bits: finds a paste that was cut, which base64 alone would not. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

const toBase64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function fromBase64Url(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder('utf-8', { fatal: true }).decode(
    Uint8Array.from(binary, (character) => character.charCodeAt(0)),
  )
}
