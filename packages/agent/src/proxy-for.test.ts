import { expect, test } from 'vitest'
import { proxyFor } from './proxy-for.ts'

const environment = { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'example.org,.internal' }

test.each([
  ['https://peer.example.com', 'http://proxy:3128'],
  ['wss://peer.example.com/ws', 'http://proxy:3128'],
  ['http://peer.example.com', undefined],
  ['https://example.org', undefined],
  ['https://a.example.org', undefined],
  ['https://notexample.org', 'http://proxy:3128'],
  ['https://a.internal', undefined],
  ['https://127.0.0.2', undefined],
])('%s goes through %s', (url, proxy) => {
  expect(proxyFor(environment)(new URL(url))).toBe(proxy)
})
