import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RedeemRequest } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpRedeemClient } from './http-redeem-client.ts'

const client = createHttpRedeemClient({
  outerTrust: () => Promise.resolve({ rejectUnauthorized: true }),
  proxyFor: () => undefined,
})
const request: RedeemRequest = {
  versions: [1],
  name: 'b',
  url: '',
  caCertificate: '',
  inviteId: '00112233',
  nonce: '',
  hmac: '',
  signature: '',
}

async function post(answer: RequestListener, path = '') {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return await client.post(`http://127.0.0.1:${port}${path}`, request, new AbortController().signal)
}

test('the request goes below the path of the URL, and the answer comes back parsed', async () => {
  const seen: (string | undefined)[] = []
  const answer = await post((incoming, response) => {
    seen.push(incoming.method, incoming.url)
    response.end('{"name":"a"}')
  }, '/porpulsion')
  expect(seen).toEqual(['POST', '/porpulsion/peer'])
  expect(answer).toEqual({ status: 200, body: { name: 'a' } })
})

test('a redirect is an answer, not a way to somebody else', async () => {
  const urls: (string | undefined)[] = []
  const answer = await post((incoming, response) => {
    urls.push(incoming.url)
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(answer).toEqual({ status: 307, body: undefined })
  expect(urls).toEqual(['/peer'])
})

test('an answer without an end is not read to it', async () => {
  await expect(
    post((_incoming, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', more)
      }
      more()
    }),
  ).rejects.toMatchObject({ code: 'PeerUnreachable' })
})

test('nobody at the address is an error that names it', async () => {
  await expect(
    client.post('http://127.0.0.1:1', request, new AbortController().signal),
  ).rejects.toMatchObject({
    code: 'PeerUnreachable',
    message: expect.stringContaining('127.0.0.1:1') as string,
  })
})
