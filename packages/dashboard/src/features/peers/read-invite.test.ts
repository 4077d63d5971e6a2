import { encodeInviteBundle } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { readInvite } from './read-invite.ts'

const now = Date.parse('2030-01-01T12:00:00Z')
const anInvite = (url: string, expiresAt = '2030-01-01T13:00:00Z'): string =>
  encodeInviteBundle({
    url,
    name: 'b',
    fingerprint: 'ab'.repeat(32),
    id: 'abcdefgh12',
    secret: 'A'.repeat(43),
    expiresAt,
  })

test('an invite says how its cluster is reached', () => {
  expect(readInvite(anInvite('https://b.example'), now)).toMatchObject({ transport: 'wss' })
  expect(readInvite(anInvite('http://b.example:8001'), now)).toMatchObject({ transport: 'ws' })
})

test('an invite that has expired is told from one that has not', () => {
  expect(readInvite(anInvite('https://b', '2030-01-01T12:00:00Z'), now)).toMatchObject({
    isExpired: true,
  })
  expect(readInvite(anInvite('https://b'), now)).toMatchObject({ isExpired: false })
  expect(readInvite(anInvite('https://b', 'never'), now)).toMatchObject({ isExpired: true })
})

test('what was cut while copying says so', () => {
  expect(readInvite(anInvite('https://b').slice(0, -3), now)).toEqual({
    kind: 'unreadable',
    problem: expect.stringContaining('copy it again') as string,
  })
})
