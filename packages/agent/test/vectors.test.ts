/** The examples of docs/protocol.md: another implementation can run them as well. */
import { createHmac } from 'node:crypto'
import { decodeInviteBundle, type ExecChannel } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { encodeExecFrame, ExecFrameDecoder } from '../src/exec/exec-frames.ts'
import { readOpenHeader } from '../src/links/open-header.ts'
import { readCaCertificate, type CaCertificate } from '../src/peers/ca-certificate.ts'
import { fingerprintWords } from '../src/peers/fingerprint-words.ts'
import { inviteKey } from '../src/peers/invite.ts'
import { prove, provesInvite, provesPossession } from '../src/peers/redeem-proof.ts'
import { provesRenewal, renewalTranscript } from '../src/peers/renewal-statement.ts'
import { replyTranscript, requestTranscript } from '../src/peers/redeem-transcript.ts'
import execFrames from './vectors/exec-frames.json' with { type: 'json' }
import identity from './vectors/identity.json' with { type: 'json' }
import openHeaders from './vectors/open-headers.json' with { type: 'json' }
import redeem from './vectors/redeem.json' with { type: 'json' }
import words from './vectors/words.json' with { type: 'json' }

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const key = hex(redeem.invite.key)

function ca(certificate: string): CaCertificate {
  const reading = readCaCertificate(Buffer.from(certificate, 'base64'))
  if (reading.kind === 'invalid') throw new Error(reading.message)
  return reading.ca
}

/** Our own proof over a transcript: the signature is random, the HMAC is not. */
const hmac = (transcript: Buffer): string =>
  prove(transcript, key, () => Buffer.alloc(0)).hmac.toString('hex')

describe('redeem.json', () => {
  test('the bundle says what the invite is', () => {
    const { id, secret, bundle } = redeem.invite
    expect(decodeInviteBundle(bundle)).toMatchObject({
      id,
      secret,
      fingerprint: redeem.issuer.fingerprint,
    })
  })

  test('K follows from secret and id, also by the two steps of HKDF done by hand', () => {
    const { id, secret } = redeem.invite
    const secretBytes = Buffer.from(secret, 'base64url')
    expect(inviteKey(secretBytes, id)).toEqual(key)
    const extracted = createHmac('sha256', id).update(secretBytes).digest()
    const expanded = createHmac('sha256', extracted).update('porpulsion/invite/1\x01').digest()
    expect(expanded).toEqual(key)
  })

  test('a fingerprint is the SHA-256 of the certificate in DER', () => {
    for (const { caCertificate, fingerprint } of [redeem.issuer, redeem.redeemer])
      expect(ca(caCertificate).fingerprint).toBe(fingerprint)
  })

  test.each(redeem.cases)('$what', ({ facts, reply, request, answer }) => {
    const said = { ...facts, redeemerNonce: hex(facts.redeemerNonce) }
    const asked = requestTranscript(said)
    const answered = replyTranscript(said, { ...reply, issuerNonce: hex(reply.issuerNonce) })
    expect(asked.toString('hex')).toBe(request.transcript)
    expect(answered.toString('hex')).toBe(answer.transcript)
    expect(hmac(asked)).toBe(request.hmac)
    expect(hmac(answered)).toBe(answer.hmac)
    expect(provesInvite(hex(request.hmac), asked, key)).toBe(true)
    expect(provesInvite(hex(request.hmac), answered, key)).toBe(false)
    const { publicKey: redeemer } = ca(redeem.redeemer.caCertificate)
    const { publicKey: issuer } = ca(redeem.issuer.caCertificate)
    expect(provesPossession(hex(request.signature), asked, redeemer)).toBe(true)
    expect(provesPossession(hex(answer.signature), answered, issuer)).toBe(true)
    expect(provesPossession(hex(answer.signature), answered, redeemer)).toBe(false)
  })
})

test.each(identity.cases)('identity.json: announcement $sequence', (said) => {
  const [former, next] = [ca(identity.former.caCertificate), ca(identity.next.caCertificate)]
  expect([former.fingerprint, next.fingerprint]).toEqual([
    identity.former.fingerprint,
    identity.next.fingerprint,
  ])
  const { sequence } = said
  const facts = { sequence, former: former.fingerprint, next: next.fingerprint }
  expect(renewalTranscript(facts, 'former').toString('hex')).toBe(said.former.transcript)
  expect(renewalTranscript(facts, 'next').toString('hex')).toBe(said.next.transcript)
  const signatures = { formerSignature: said.former.signature, signature: said.next.signature }
  expect(provesRenewal({ sequence, ...signatures }, former, next)).toBe(true)
  expect(provesRenewal({ sequence: sequence + 1, ...signatures }, former, next)).toBe(false)
  expect(provesRenewal({ sequence, ...signatures }, next, former)).toBe(false)
})

test.each(words)('words.json: $words', async ({ fingerprints: [a = '', b = ''], words }) => {
  expect(await fingerprintWords(a, b)).toBe(words)
  expect(await fingerprintWords(b, a)).toBe(words)
})

test.each(openHeaders)('open-headers.json: $header', ({ header, reading }) => {
  expect(readOpenHeader(Buffer.from(header)) ?? null).toEqual(reading)
})

describe('exec-frames.json', () => {
  test.each(execFrames)('$name', ({ hex: bytes, messages, violation }) => {
    // However the bytes are cut.
    for (const size of [1, 3, bytes.length]) {
      const decoder = new ExecFrameDecoder()
      const decode = () =>
        [...chunksOf(hex(bytes), size)]
          .flatMap((chunk) => decoder.push(chunk))
          .map((read) => ({ channel: read.channel, hex: Buffer.from(read.bytes).toString('hex') }))
      if (violation === undefined) expect(decode()).toEqual(messages)
      else expect(decode).toThrow(expect.objectContaining({ code: violation }))
    }
  })

  test.each(execFrames.filter(({ name }) => name.startsWith('it ended')))(
    'is what we write: $name',
    ({ hex: bytes, messages }) => {
      const written = messages.map((message) =>
        encodeExecFrame(message.channel as ExecChannel, hex(message.hex)),
      )
      expect(Buffer.concat(written).toString('hex')).toBe(bytes)
    },
  )
})

function* chunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
