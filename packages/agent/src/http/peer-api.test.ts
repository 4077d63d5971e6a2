import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { peerEndpoints, PorpulsionError } from '@porpulsion/contract'
import { expect, onTestFinished, test, vi } from 'vitest'
import { retainedBytes } from '../../../protocol/test/support/retained-memory.ts'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import { silent } from '../../test/support/dashboard.ts'
import { noAudit, type AuditFacts } from '../audit/index.ts'
import type { PeerHandlers } from '../api/index.ts'
import { createPeerApi } from './peer-api.ts'

const b = { fingerprint: 'b'.repeat(64), name: 'b' }

async function thePeerApi(handlers: PeerHandlers = {}) {
  const others = Object.keys(peerEndpoints).filter((name) => !(name in handlers))
  const rest = Object.fromEntries(others.map((name) => [name, () => Promise.resolve(undefined)]))
  const audited: AuditFacts[] = []
  const audit = { record: (facts: AuditFacts) => void audited.push(facts) }
  const api = createPeerApi({ handlers: [handlers, rest], audit, logger: silent })
  await api.start()
  onTestFinished(() => api.stop())
  const connect = (peer = b): Duplex => {
    const [ours, theirs] = duplexPair()
    api.serve(theirs, peer)
    return ours
  }
  return { api, connect, audited }
}

interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
}

function ask(connection: Duplex, { method = 'GET', path, body }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      method,
      path,
      createConnection: () => connection,
      headers: { host: 'peer', 'content-type': 'application/json' },
    })
    request.on('response', resolve).on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function json(response: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString()
  return JSON.parse(text)
}

test('a handler hears which peer asks from the connection, whatever the request says', async () => {
  const getSelf = vi.fn(() =>
    Promise.resolve({ name: 'a', fingerprint: 'a'.repeat(64), version: '1', policyRevision: 'r' }),
  )
  const { connect } = await thePeerApi({ getSelf })
  const response = await ask(connect(), { path: '/v1/self' })
  expect(await json(response)).toMatchObject({ name: 'a' })
  expect(getSelf).toHaveBeenCalledWith(expect.objectContaining({ peer: b }))
})

test('a body that comes in single bytes costs what it counts, and arrives', async () => {
  const postInventory = vi.fn(() => Promise.resolve({ policyRevision: 'r', apps: [] }))
  const { connect } = await thePeerApi({ postInventory: postInventory as never })
  const connection = connect()
  const inventory = JSON.stringify({ bootId: 'x'.repeat(40), policyRevision: 'r', apps: [] })
  const head = 'POST /v1/inventory HTTP/1.1\r\nHost: peer\r\nContent-Type: application/json\r\n'
  connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
  const inChunks = (text: string): string => Array.from(text, (byte) => `1\r\n${byte}\r\n`).join('')
  const before = retainedBytes()
  const blanks = inChunks(' '.repeat(1_000))
  // A tenth of what a body may have.
  for (let kilobytes = 0; kilobytes < 800; kilobytes++) connection.write(blanks)
  await vi.waitFor(() => expect(connection.writableLength).toBe(0))
  expect(retainedBytes() - before).toBeLessThan(16 * 1024 * 1024)
  connection.write(`${inChunks(inventory)}0\r\n\r\n`)
  await vi.waitFor(() => expect(postInventory).toHaveBeenCalledOnce())
})

test('what a peer is refused is in the audit trail; what it may, and what broke here, is not', async () => {
  const refusal = new PorpulsionError('NotFound', 'AppNotFound', 'There is no such app')
  const { connect, audited } = await thePeerApi({
    deleteApp: () => Promise.reject(refusal),
    postInventory: () => Promise.reject(new Error('a defect')),
  })
  const inventory = { bootId: 'x', policyRevision: 'r', apps: [] }
  await ask(connect(), { path: '/v1/self' })
  await ask(connect(), { method: 'POST', path: '/v1/inventory', body: inventory })
  await ask(connect(), { method: 'DELETE', path: '/v1/apps/uid-1' })
  expect(audited).toEqual([
    {
      actor: 'peer/b',
      action: 'deleteApp',
      about: 'app/uid-1',
      outcome: 'refused',
      reason: 'AppNotFound',
    },
  ])
})

test('fields we do not know are let pass, wrong ones are named', async () => {
  const postInventory = vi.fn(() => Promise.resolve({ wanted: [], unknown: [] }))
  const { connect } = await thePeerApi({ postInventory })
  const good = { bootId: 'x', policyRevision: 'r', apps: [], novelty: true }
  const path = '/v1/inventory?also=new'
  const accepted = await ask(connect(), { method: 'POST', path, body: good })
  expect(accepted.statusCode).toBe(200)
  const refused = await ask(connect(), { method: 'POST', path, body: { ...good, apps: [{}] } })
  expect([refused.statusCode, await json(refused)]).toMatchObject([
    422,
    {
      code: 'InvalidRequest',
      errors: expect.arrayContaining([{ path: 'apps[0].uid', message: 'is required' }]) as unknown,
    },
  ])
  expect(postInventory).toHaveBeenCalledTimes(1)
})

test('a refusal arrives with its kind and code, an unknown path as one', async () => {
  const { connect } = await thePeerApi({
    getAppClaim: () => Promise.reject(new PorpulsionError('NotFound', 'AppGone', 'Deleted')),
  })
  const gone = await ask(connect(), { path: '/v1/apps/u1' })
  expect([gone.statusCode, await json(gone)]).toMatchObject([410, { code: 'AppGone' }])
  const nowhere = await ask(connect(), { path: '/v9/novelty' })
  expect([nowhere.statusCode, await json(nowhere)]).toMatchObject([404, { code: 'RouteNotFound' }])
})

test('a log whose reader goes away is ended at its source', async () => {
  let ended = false
  const { connect } = await thePeerApi({
    streamAppLogs: ({ signal }) =>
      Promise.resolve(
        (async function* () {
          try {
            yield { pod: 'p', time: 't', line: 'one' }
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          } finally {
            ended = true
          }
        })(),
      ),
  })
  const connection = connect()
  const response = await ask(connection, { path: '/v1/apps/u1/logs?follow=true' })
  for await (const chunk of response as AsyncIterable<Buffer>) {
    expect(JSON.parse(chunk.toString())).toMatchObject({ line: 'one' })
    break
  }
  connection.destroy()
  await expect.poll(() => ended).toBe(true)
})

test('a reader that does not read stops the source, and gets everything later', async () => {
  let made = 0
  const total = 20_000
  const { connect } = await thePeerApi({
    streamAppLogs: () =>
      Promise.resolve(
        (async function* () {
          while (made < total) {
            made++
            yield await Promise.resolve({ pod: 'p', time: 't', line: 'x'.repeat(100) })
          }
        })(),
      ),
  })
  const response = await ask(connect(), { path: '/v1/apps/u1/logs' })
  await expect.poll(() => made).toBeGreaterThan(10)
  const before = made
  await new Promise((resolve) => setImmediate(resolve))
  expect(made).toBe(before)
  expect(made).toBeLessThan(total / 10)
  let lines = 0
  for await (const chunk of response as AsyncIterable<Buffer>)
    lines += chunk.filter((byte) => byte === 10).length
  expect(lines).toBe(total)
})

test('a stream that fails is cut off, not ended as if it were whole', async () => {
  const { connect } = await thePeerApi({
    streamAppLogs: () =>
      Promise.resolve(
        (async function* () {
          yield await Promise.resolve({ pod: 'p', time: 't', line: 'one' })
          throw new Error('lost')
        })(),
      ),
  })
  const response = await ask(connect(), { path: '/v1/apps/u1/logs' })
  await expect(
    (async () => {
      for await (const _ of response) continue
    })(),
  ).rejects.toThrow()
})

test('an endpoint nobody answers fails the start', async () => {
  const api = createPeerApi({ handlers: [], audit: noAudit, logger: silent })
  await expect(api.start()).rejects.toThrow(/without a handler: getSelf/)
})

test('bodies of one peer that are under way together are bounded; others are not held to it', async () => {
  const { connect } = await thePeerApi()
  const most = 8 * 1024 * 1024
  // Each announces all it may and holds back the end.
  const begun = Array.from({ length: 8 }, () => {
    const connection = connect()
    connection.write(
      `PUT /v1/apps/x HTTP/1.1\r\nhost: peer\r\ncontent-type: application/json\r\ncontent-length: ${most}\r\n\r\n{`,
    )
    return connection
  })
  await new Promise((resolve) => setImmediate(resolve))
  const small = { method: 'PUT', path: '/v1/apps/x', body: { some: 'thing' } }
  const refused = await ask(connect(), small)
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1'])
  expect(await json(refused)).toMatchObject({ code: 'RateLimited' })
  const other = await ask(connect({ fingerprint: 'c'.repeat(64), name: 'c' }), small)
  expect(other.statusCode).not.toBe(429)
  begun[0]?.destroy()
  await vi.waitFor(async () => {
    expect((await ask(connect(), small)).statusCode).not.toBe(429)
  })
})

test('requests that a peer sends ahead on one stream do not begin: the stream ends', async () => {
  const getSelf = vi.fn(() => new Promise<never>(() => undefined))
  const { connect } = await thePeerApi({ getSelf })
  const connection = connect()
  const closed = new Promise((resolve) => connection.once('close', resolve))
  connection.on('error', () => undefined).resume()
  connection.write('GET /v1/self HTTP/1.1\r\nHost: peer\r\n\r\n'.repeat(1_000))
  await closed
  expect(getSelf.mock.calls.length).toBeLessThanOrEqual(2)
})

test('requests one after the other on one stream are all answered', async () => {
  const self = { name: 'a', fingerprint: 'a'.repeat(64), version: '1', policyRevision: 'r' }
  const { connect } = await thePeerApi({ getSelf: () => Promise.resolve(self) })
  const connection = connect()
  const requests = 20
  let answers = 0
  const ask = (): void => void connection.write('GET /v1/self HTTP/1.1\r\nHost: peer\r\n\r\n')
  await new Promise<void>((resolve) => {
    connection.on('data', (bytes: Buffer) => {
      answers += bytes.toString().split('HTTP/1.1 200').length - 1
      if (answers === requests) resolve()
      // Later, as over a network.
      else if (bytes.toString().endsWith('}')) setImmediate(ask)
    })
    ask()
  })
  expect(answers).toBe(requests)
})

test('a head may be as large as one of ours, and no larger', async () => {
  const { connect } = await thePeerApi()
  const connection = connect()
  const answer = new Promise<string>((resolve) =>
    connection.on('error', () => undefined).on('data', (bytes) => resolve(String(bytes))),
  )
  connection.write(`GET /v1/self HTTP/1.1\r\nHost: peer\r\nX: ${'y'.repeat(17 * 1024)}`)
  expect(await answer).toMatch(/^HTTP\/1.1 431/)
})
