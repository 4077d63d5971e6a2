import { expect, test } from 'vitest'
import { parseAddresses, parsePortMapping } from './port-mapping.ts'

test.each([
  ['8080:80', { local: 8080, remote: '80' }],
  ['80', { remote: '80' }],
  [':80', { local: 0, remote: '80' }],
  ['0:80', { local: 0, remote: '80' }],
  ['8080:http', { local: 8080, remote: 'http' }],
  ['http-admin', { remote: 'http-admin' }],
  [':http', { local: 0, remote: 'http' }],
])('%s is understood', (text, mapping) => {
  expect(parsePortMapping(text)).toEqual(mapping)
})

test.each([
  '',
  ':',
  '80:',
  '65536',
  '0',
  '70000:80',
  '80:0',
  'a:b',
  '1:2:3',
  '-1',
  '80:HTTP',
  '8 0',
])('"%s" is refused, with ways to write it', (text) => {
  expect(() => parsePortMapping(text)).toThrow('write 8080:80')
})

test('addresses are repeated or have commas, and count once', () => {
  expect(parseAddresses(['localhost,10.0.0.1', '::1', '10.0.0.1'])).toEqual([
    'localhost',
    '10.0.0.1',
    '::1',
  ])
})

test.each(['example.com', '', '10.0.0', '10.0.0.1,'])('"%s" is no address to listen on', (text) => {
  expect(() => parseAddresses([text])).toThrow('--address takes IP addresses')
})
