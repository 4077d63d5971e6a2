import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { addressGroup, createClientAddress } from './client-address.ts'

const from = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

const clients = createClientAddress(['10.0.0.0/8', 'fd00::/8', '192.0.2.7'])

test.each([
  ['nobody we trust', '203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['a trusted proxy', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [
    'a trusted proxy, as a dual-stack socket shows it',
    '::ffff:10.1.2.3',
    '198.51.100.1',
    '198.51.100.1',
  ],
  ['two trusted proxies', '10.1.2.3', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
  ['a trusted proxy that was lied to', '10.1.2.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['a trusted proxy over IPv6', 'fd00::1', '2001:db8::5', '2001:db8::5'],
  ['a trusted proxy that says nonsense', '10.1.2.3', 'unknown', '10.1.2.3'],
  ['a trusted proxy that says nothing', '10.1.2.3', '', '10.1.2.3'],
])('behind %s the client is who can be believed to be', (_name, socket, forwarded, client) => {
  expect(clients.of(from(socket, { 'x-forwarded-for': forwarded }))).toBe(client)
})

test('https is believed of a trusted proxy, and of our own socket', () => {
  const https = { 'x-forwarded-proto': 'https' }
  expect(clients.isSecure(from('10.1.2.3', https))).toBe(true)
  expect(clients.isSecure(from('203.0.113.1', https))).toBe(false)
  expect(clients.isSecure(from('10.1.2.3'))).toBe(false)
})

test.each(['10.0.0.0/33', 'proxy.example.com', '', '10.0.0.0/x', '::1/129'])(
  'a trusted proxy %j is refused at start',
  (entry) => {
    expect(() => createClientAddress([entry])).toThrow(/neither an address nor a CIDR/)
  },
)

test.each([
  ['203.0.113.1', '203.0.113.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::5', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group)
})
