import { expect, test } from 'vitest'
import { appOrigin, parseAppsAddress } from './app-url.ts'

const app = {
  uid: '11111111-2222',
  namespace: 'porpulsion',
  name: 'web',
  peerFingerprint: 'b',
  ports: [],
}

test.each([
  ['localhost', 'http://localhost:28000', 'http://8080--web--porpulsion.localhost:28000'],
  ['localhost', 'https://localhost', 'https://8080--web--porpulsion.localhost'],
  ['apps.example.com', 'http://localhost:8000', 'https://8080--web--porpulsion.apps.example.com'],
  ['http://apps.example.com', 'https://x', 'http://8080--web--porpulsion.apps.example.com'],
  [
    'https://apps.example.com:8443',
    'http://x:1',
    'https://8080--web--porpulsion.apps.example.com:8443',
  ],
])('apps below %s, for somebody who reaches us at %s, are at %s', (domain, caller, origin) => {
  expect(appOrigin(app, 8080, parseAppsAddress(domain), caller)).toBe(origin)
})
