import type { RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { PorpulsionError, toProblem } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test, vi } from 'vitest'
import { knownAs } from '../../test/support/memory-directory.ts'
import { anAgeingIdentity } from '../../test/support/identities.ts'
import { aSocketAgent, link, type SocketAgentOptions } from '../../test/support/socket-agents.ts'

const signal = new AbortController().signal

/** `a` asks; `b` answers as told. */
async function aCaller(answer: RequestListener, options: SocketAgentOptions = {}) {
  const [a, b] = await Promise.all([aSocketAgent('a', options), aSocketAgent('b')])
  b.peerApi.removeAllListeners('request')
  b.peerApi.on('request', answer)
  await link(a, b)
  return { a, b, peer: b.identity.fingerprint }
}

const self = { name: 'b', fingerprint: '0'.repeat(64), version: '1', policyRevision: 'r' }
const line = (n: number): string =>
  `${JSON.stringify({ pod: 'p', time: '2030-01-01T00:00:00Z', line: `${n}` })}\n`

test('what the table says of an endpoint is what travels', async () => {
  const seen: unknown[] = []
  const { a, peer } = await aCaller((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers['content-type'], body])
      response.setHeader('content-type', 'application/json').end('{"wanted":[],"unknown":["u"]}')
    })
  })
  const inventory = { bootId: 'b', policyRevision: 'r', apps: [] }
  const reply = await a.links.call(peer, 'postInventory', { body: inventory, signal })
  expect(reply.unknown).toEqual(['u'])
  expect(seen).toEqual([['POST', '/v1/inventory', 'application/json', JSON.stringify(inventory)]])
})

test('parameters and queries cannot reach another path', async () => {
  const urls: (string | undefined)[] = []
  const { a, peer } = await aCaller((request, response) => {
    urls.push(request.url)
    response.end('{"generation":1,"specHash":"' + 'a'.repeat(64) + '"}')
  })
  await a.links.call(peer, 'getAppClaim', { params: { uid: '../self?x=1' }, signal })
  expect(urls).toEqual(['/v1/apps/..%2Fself%3Fx%3D1'])
})

test('a hundred calls at once are all answered', async () => {
  const { a, peer } = await aCaller((_request, response) => response.end(JSON.stringify(self)))
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => a.links.call(peer, 'getSelf', { signal })),
  )
  expect(answers).toHaveLength(100)
})

test('a hundred logs that are followed hold up no call', async () => {
  const { a, peer } = await aCaller((request, response) => {
    if (request.url?.startsWith('/v1/self') === true) response.end(JSON.stringify(self))
    else response.write(line(1))
  })
  const followed = await Promise.all(
    Array.from({ length: 100 }, () =>
      a.links.stream(peer, 'streamAppLogs', {
        params: { uid: 'u' },
        query: { follow: true },
        signal,
      }),
    ),
  )
  const first = await followed[0]?.[Symbol.asyncIterator]().next()
  expect(first?.value).toMatchObject({ line: '1' })
  expect((await a.links.call(peer, 'getSelf', { signal })).name).toBe('b')
})

test('lines arrive as they are written, and leaving the loop ends the request at the peer', async () => {
  const ended = vi.fn()
  const { a, peer } = await aCaller((request, response) => {
    request.once('close', ended)
    response.write(line(1) + line(2).slice(0, 10))
    setImmediate(() => response.write(line(2).slice(10) + line(3)))
  })
  const lines: string[] = []
  const stream = await a.links.stream(peer, 'streamAppLogs', { params: { uid: 'u' }, signal })
  for await (const { line } of stream) {
    lines.push(line)
    if (lines.length === 3) break
  }
  expect(lines).toEqual(['1', '2', '3'])
  await vi.waitFor(() => expect(ended).toHaveBeenCalled())
})

test("a peer's refusal keeps its kind, code and fields, and its words are quoted", async () => {
  const { a, peer } = await aCaller((_request, response) => {
    const problem = toProblem(
      new PorpulsionError('NotFound', 'AppGone', 'Deleted <b>yesterday</b>', {
        fields: [{ path: 'uid', message: 'gone' }],
      }),
    )
    response
      .writeHead(410, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify(problem))
  })
  await expect(a.links.call(peer, 'getSelf', { signal })).rejects.toMatchObject({
    kind: 'NotFound',
    code: 'AppGone',
    message: 'Peer "b" says: "Deleted <b>yesterday</b>"',
    fields: [{ path: 'uid' }],
  })
})

test.each([
  ['Unauthenticated', 'NotSignedIn', { kind: 'Forbidden', code: 'PeerRefused' }],
  ['Internal', 'InternalError', { kind: 'Unavailable', code: 'PeerFailed' }],
  ['Forbidden', '<script>', { kind: 'Unavailable', code: 'PeerFailed' }],
] as const)(
  'a peer that answers %s (%s) signs nobody out here and is not our defect',
  async (kind, code, seen) => {
    const { a, peer } = await aCaller((_request, response) => {
      response.writeHead(500).end(JSON.stringify(toProblem(new PorpulsionError(kind, code, 'No'))))
    })
    await expect(a.links.call(peer, 'getSelf', { signal })).rejects.toMatchObject(seen)
  },
)

test.each([
  ['something else than the table says', '{"name":"UPPER"}'],
  ['what is not JSON', '<html>'],
])('a peer that answers with %s is told apart from a refusal', async (_what, body) => {
  const { a, peer } = await aCaller((_request, response) => response.end(body))
  await expect(a.links.call(peer, 'getSelf', { signal })).rejects.toMatchObject({
    kind: 'ProtocolViolation',
    code: 'PeerProtocolError',
  })
})

test('a line without an end is not collected for ever', async () => {
  const { a, peer } = await aCaller((_request, response) => {
    const flood = 'x'.repeat(64 * 1024)
    const more = (): boolean => response.write(flood) && more()
    response.on('drain', more)
    more()
  })
  const stream = await a.links.stream(peer, 'streamAppLogs', { params: { uid: 'u' }, signal })
  await expect(async () => {
    for await (const _line of stream) continue
  }).rejects.toMatchObject({ code: 'PeerProtocolError' })
})

test('a peer that does not answer costs a named timeout', async () => {
  const clock = new FakeClock(Date.now())
  const { a, peer } = await aCaller(() => undefined, { clock })
  const answer = a.links.call(peer, 'getSelf', { signal, timeoutMs: 1_234 })
  answer.catch(() => undefined) // awaited below
  await clock.whenWaiting(1_234)
  await clock.advance(1_234)
  await expect(answer).rejects.toMatchObject({ kind: 'Timeout', code: 'PeerTimeout' })
})

test('an answer that begins and does not end costs the same timeout', async () => {
  const clock = new FakeClock(Date.now())
  const { a, peer } = await aCaller((_request, response) => response.write('{'), { clock })
  const answer = a.links.call(peer, 'getSelf', { signal, timeoutMs: 1_234 })
  answer.catch(() => undefined) // awaited below
  await clock.whenWaiting(1_234)
  await clock.advance(1_234)
  await expect(answer).rejects.toMatchObject({ code: 'PeerTimeout' })
})

test('an aborted call rejects with the reason, and the peer sees it end', async () => {
  const ended = vi.fn()
  const arrived = vi.fn()
  const { a, peer } = await aCaller((request) => {
    arrived()
    request.once('close', ended)
  })
  const abort = new AbortController()
  const answer = a.links.call(peer, 'getSelf', { signal: abort.signal })
  answer.catch(() => undefined) // awaited below
  abort.abort(new Error('enough'))
  await expect(answer).rejects.toThrow('enough')
  const again = new AbortController()
  const second = a.links.call(peer, 'getSelf', { signal: again.signal })
  second.catch(() => undefined) // awaited below
  await vi.waitFor(() => expect(arrived).toHaveBeenCalled())
  again.abort(new Error('enough'))
  await expect(second).rejects.toThrow('enough')
  await vi.waitFor(() => expect(ended).toHaveBeenCalled())
})

test('calls in flight when the session is lost fail at once as LinkDown', async () => {
  const arrived = vi.fn()
  const { a, b, peer } = await aCaller(arrived)
  const answer = a.links.call(peer, 'getSelf', { signal })
  answer.catch(() => undefined) // awaited below
  await vi.waitFor(() => expect(arrived).toHaveBeenCalled())
  for (const socket of b.sockets) socket.resetAndDestroy()
  await expect(answer).rejects.toMatchObject({ kind: 'Unavailable', code: 'LinkDown' })
})

test('calls without a session, without a confirmation and without a peer say which', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  const call = () => a.links.call(b.identity.fingerprint, 'getSelf', { signal })
  a.links.start()
  await expect(call()).rejects.toMatchObject({ code: 'PeerNotFound' })
  a.directory.put(knownAs('b', b.identity, { confirmed: false }))
  await expect(call()).rejects.toMatchObject({ code: 'NotConfirmed' })
  a.directory.put(knownAs('b', b.identity))
  await expect(call()).rejects.toMatchObject({ code: 'LinkDown' })
})

test('a session that gives way lets the requests on it end by themselves', async () => {
  let finish: (() => void) | undefined
  const identity = await anAgeingIdentity('a')
  const { a, peer } = await aCaller(
    (request, response) => {
      if (request.url?.includes('logs') === true) {
        response.write(line(1))
        finish = () => response.end(line(2))
      } else response.end(JSON.stringify(self))
    },
    { identity },
  )
  const stream = await a.links.stream(peer, 'streamAppLogs', { params: { uid: 'u' }, signal })
  const lines = stream[Symbol.asyncIterator]()
  expect((await lines.next()).value).toMatchObject({ line: '1' })
  const states: string[] = []
  a.links.onChange((_fingerprint, { state }) => states.push(state))
  const before = a.links.facts(peer).session?.sinceMs
  await vi.waitFor(() => expect(a.links.facts(peer).session?.sinceMs).not.toBe(before), 10_000)
  finish?.()
  expect((await lines.next()).value).toMatchObject({ line: '2' })
  expect((await lines.next()).done).toBe(true)
  expect(states).not.toContain('Disconnected')
})

test('rpc streams are served by whatever HTTP server is handed the duplex', async () => {
  const duplexes: Duplex[] = []
  const { a, b, peer } = await aCaller((_request, response) => response.end(JSON.stringify(self)))
  b.peerApi.on('connection', (duplex: Duplex) => duplexes.push(duplex))
  for (let call = 0; call < 5; call++) await a.links.call(peer, 'getSelf', { signal })
  // Kept alive; a second one only where the first had not quite ended its answer.
  expect(duplexes.length).toBeLessThanOrEqual(2)
})
