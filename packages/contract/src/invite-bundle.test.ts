import { expect, test } from 'vitest'
import { decodeInviteBundle, encodeInviteBundle, type InviteBundle } from './invite-bundle.ts'

const bundle: InviteBundle = {
  url: 'https://a.example.com',
  name: 'a',
  fingerprint: 'ab'.repeat(32),
  id: 'k3j4h5g6f7',
  secret: 'A'.repeat(43),
  expiresAt: '2030-01-01T00:00:00.000Z',
}

test('a bundle survives being wrapped over lines by a mail program', () => {
  const wrapped = encodeInviteBundle(bundle).replace(/(.{40})/g, '$1\n  ')
  expect(decodeInviteBundle(wrapped)).toEqual(bundle)
})

test('a bundle cut anywhere is refused with what to do', () => {
  const text = encodeInviteBundle(bundle)
  for (let length = 0; length < text.length; length++) {
    expect(() => decodeInviteBundle(text.slice(0, length))).toThrow(/copy it again|starts with/)
  }
})

test('a bundle whose content is not an invite is refused by field', () => {
  const forged = encodeInviteBundle({ ...bundle, url: 'ftp://a' })
  expect(() => decodeInviteBundle(forged)).toThrow(/url/)
})

test('other text is not taken for an invite', () => {
  expect(() => decodeInviteBundle('https://a.example.com')).toThrow(
    'An invite starts with "porp1."',
  )
})
