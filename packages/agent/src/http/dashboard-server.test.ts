import { once } from 'node:events'
import { connect } from 'node:net'
import { endpoints, roles, type EndpointName } from '@porpulsion/contract'
import { expect, test, vi } from 'vitest'
import { aDashboard, ownEndpoints, silent } from '../../test/support/dashboard.ts'
import { mayCall } from '../access/index.ts'
import { BODY_TIMEOUT_MS } from './limits.ts'

const host = { host: 'localhost:8000' }
const bearer = (token: string) => ({ ...host, authorization: `Bearer ${token}` })
const names = Object.keys(endpoints) as EndpointName[]

async function* noLines(): AsyncGenerator<never, void, undefined> {
  // Nothing to say.
}

/** A path that matches, with a body that is refused late: only who may call matters here. */
const requestTo = (name: EndpointName) => ({
  method: endpoints[name].method,
  url: endpoints[name].path.replace(/:[a-zA-Z]+/g, 'x'),
})
const called = names.filter((name) => name !== 'streamEvents')

for (const role of roles) {
  test(`every endpoint lets a ${role} in or not, as its table says`, async () => {
    const { server, tokenOf } = await aDashboard()
    const headers = bearer(await tokenOf(role))
    for (const name of called) {
      const reply = await server.app.inject({ ...requestTo(name), headers })
      const refused =
        reply.statusCode === 403 && reply.json<{ code: string }>().code === 'RoleTooLow'
      expect([name, refused]).toEqual([name, !mayCall(role, endpoints[name].role)])
    }
  })
}

test('no endpoint but login answers without an account', async () => {
  const { server, clock } = await aDashboard()
  for (const name of names) {
    const { statusCode } = await server.app.inject({ ...requestTo(name), headers: host })
    expect([name, statusCode]).toEqual([name, name === 'login' ? 422 : 401])
    await clock.advance(60_000)
  }
})

test('every changing endpoint refuses a request another page caused', async () => {
  const { server, sessionCookie } = await aDashboard()
  const cookie = await sessionCookie()
  for (const name of names.filter((each) => endpoints[each].method !== 'GET')) {
    for (const foreign of [
      { origin: 'http://evil.example' },
      { origin: 'http://8080--web--porpulsion.localhost:8000' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const headers = { ...host, cookie, ...foreign }
      const reply = await server.app.inject({ ...requestTo(name), headers })
      expect([name, reply.statusCode, reply.json<{ code: string }>().code]).toEqual([
        name,
        403,
        'OriginNotAllowed',
      ])
    }
  }
})

test('our own page may change things with its session', async () => {
  const { server, sessionCookie } = await aDashboard()
  const cookie = await sessionCookie()
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/tokens',
    headers: { ...host, cookie, origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' },
    payload: { name: 'ci' },
  })
  expect(reply.statusCode).toBe(201)
})

test.each([
  ['localhost:8000', 401],
  ['127.0.0.1:8000', 401],
  ['[::1]:8000', 401],
  ['porpulsion.example.com', 401],
  ['a.apps.example.com', 401],
  ['rebound.evil.example:8000', 421],
  ['porpulsion.example.com.evil.example', 421],
  ['localhost.evil.example', 421],
  ['apps.example.com', 421],
])('a request for host %s is answered with %i', async (name, status) => {
  const { server } = await aDashboard({
    options: { allowedHosts: ['porpulsion.example.com', '*.apps.example.com'] },
  })
  const reply = await server.app.inject({ url: '/api/status', headers: { host: name } })
  expect(reply.statusCode).toBe(status)
  if (status === 421) expect(reply.json()).toMatchObject({ code: 'HostNotAllowed' })
})

test('every answer carries the headers that keep foreign scripts and frames out', async () => {
  const { server, tokenOf } = await aDashboard()
  const token = await tokenOf('viewer')
  for (const url of ['/', '/api/docs', '/api/status', '/nowhere', '/login?code=x', '/healthz']) {
    const { headers } = await server.app.inject({ url, headers: bearer(token) })
    expect(headers['content-security-policy']).toMatch(/script-src 'self';/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    })
  }
})

test('an endpoint without a handler, or with two, fails the start and is named', async () => {
  await expect(
    aDashboard({ handlers: { login: () => Promise.reject(new Error()) } }),
  ).rejects.toThrow(/with two: login/)
})

test('a wrong body is answered with every wrong field and how to mend it', async () => {
  const { server, tokenOf } = await aDashboard()
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/tokens',
    headers: bearer(await tokenOf('admin')),
    payload: { name: 'No Capitals', role: 'king', expires: 3 },
  })
  expect(reply.statusCode).toBe(422)
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(reply.json()).toMatchObject({
    title: 'Invalid',
    status: 422,
    code: 'InvalidRequest',
    errors: expect.arrayContaining([
      expect.objectContaining({ path: 'name' }),
      { path: 'role', message: expect.stringMatching(/one of viewer, operator, admin/) as unknown },
      { path: 'expires', message: 'unknown field; remove it or check its spelling' },
    ]) as unknown,
  })
})

test('a body may be YAML', async () => {
  const { server, tokenOf } = await aDashboard()
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/tokens',
    headers: { ...bearer(await tokenOf('admin')), 'content-type': 'application/yaml' },
    payload: 'name: ci\nrole: viewer # read only\n',
  })
  expect([reply.statusCode, reply.json()]).toMatchObject([201, { name: 'ci', role: 'viewer' }])
})

test('settings in YAML may say off', async () => {
  const putSettings = vi.fn(() => Promise.resolve({ revision: 'r', document: {}, effective: {} }))
  const { server, tokenOf } = await aDashboard({ handlers: { putSettings } })
  await server.app.inject({
    method: 'PUT',
    url: '/api/settings',
    headers: { ...bearer(await tokenOf('admin')), 'content-type': 'application/yaml' },
    payload: 'tunnels:\n  mode: off\n',
  })
  expect(putSettings).toHaveBeenCalledWith(
    expect.objectContaining({ body: { tunnels: { mode: 'off' } } }),
  )
})

test.each([
  ['JSON that breaks off', 'application/json', '{"name": ', 400, 'MalformedRequest'],
  [
    'JSON that would change a prototype',
    'application/json',
    '{"__proto__": {}}',
    400,
    'MalformedRequest',
  ],
  ['YAML that breaks off', 'application/yaml', 'name: [', 400, 'MalformedRequest'],
  ['a form', 'application/x-www-form-urlencoded', 'name=ci', 422, 'InvalidRequest'],
  ['something else', 'text/csv', 'name', 400, 'MalformedRequest'],
  ['a list', 'application/json', '[]', 422, 'InvalidRequest'],
  ['nothing', 'application/json', '', 422, 'InvalidRequest'],
  ['far too much', 'application/json', `"${'x'.repeat(3 * 1024 * 1024)}"`, 413, 'RequestTooLarge'],
])('a body that is %s is refused', async (_name, type, payload, status, code) => {
  const { server, tokenOf, access } = await aDashboard()
  const before = access.tokens.list().length
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/tokens',
    headers: { ...bearer(await tokenOf('admin')), 'content-type': type },
    payload,
  })
  expect([reply.statusCode, reply.json()]).toMatchObject([status, { code }])
  expect(access.tokens.list()).toHaveLength(before + 1)
})

test('nobody is made to read a body of somebody who may not send it', async () => {
  const { server, tokenOf } = await aDashboard()
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/invites',
    headers: { ...bearer(await tokenOf('viewer')), 'content-type': 'application/json' },
    payload: `"${'x'.repeat(3 * 1024 * 1024)}"`,
  })
  expect(reply.json()).toMatchObject({ code: 'RoleTooLow' })
})

test('a query is read as what the endpoint says, or refused with the name of the parameter', async () => {
  const seen = vi.fn()
  const { server, tokenOf } = await aDashboard({
    handlers: {
      streamRemoteAppLogs: async (request) => {
        seen(request.query, request.params)
        return Promise.resolve(noLines())
      },
    },
  })
  const headers = bearer(await tokenOf('viewer'))
  await server.app.inject({ url: '/api/remoteapp/ns%2Cweb/logs?follow&tail=10&pod=5', headers })
  expect(seen).toHaveBeenCalledWith({ follow: true, tail: 10, pod: '5' }, { id: 'ns,web' })
  for (const [query, path] of [
    ['tail=ten', 'tail'],
    ['tail=1.5', 'tail'],
    ['follow=perhaps', 'follow'],
    ['tail=1&tail=2', 'tail'],
    ['tial=1', 'tial'],
  ]) {
    const reply = await server.app.inject({ url: `/api/remoteapp/web/logs?${query}`, headers })
    expect([reply.statusCode, reply.json()]).toMatchObject([422, { errors: [{ path }] }])
  }
})

test('a defect is answered without a word about the inside, and logged with its stack', async () => {
  const logger = silent.child({})
  const error = vi.spyOn(logger, 'error')
  const { server, tokenOf } = await aDashboard({
    logger,
    handlers: { listPeers: () => Promise.reject(new Error('secret /etc/path')) },
  })
  const reply = await server.app.inject({
    url: '/api/peers',
    headers: bearer(await tokenOf('viewer')),
  })
  expect(reply.statusCode).toBe(500)
  expect(reply.body).not.toContain('secret')
  const { instance } = reply.json<{ instance: string }>()
  expect(error).toHaveBeenCalledWith(
    expect.objectContaining({ requestId: instance, err: expect.any(Error) as unknown }),
    'Request failed',
  )
})

test('there is no such endpoint, says a path that is none', async () => {
  const { server } = await aDashboard()
  for (const url of ['/api/nope', '/api', '/assets/nope.js', '/api/peers/']) {
    const reply = await server.app.inject({ url, headers: { ...host, accept: 'text/html' } })
    expect([url, reply.statusCode, reply.json()]).toMatchObject([
      url,
      404,
      { code: 'RouteNotFound' },
    ])
  }
})

test('many failed logins from one address are slowed down, and lock nobody out', async () => {
  const { server, access, clock } = await aDashboard()
  const login = (code: string) =>
    server.app.inject({ method: 'POST', url: '/api/login', headers: host, payload: { code } })
  const statuses = new Set<number>()
  for (let i = 0; i < 40; i++) statuses.add((await login('wrong')).statusCode)
  expect([...statuses]).toEqual([401, 429])
  const limited = await login('wrong')
  expect(limited.json()).toMatchObject({ code: 'RateLimited', retryAfterSeconds: 2 })
  expect(limited.headers['retry-after']).toBe('2')
  const { url } = await access.createLoginLink()
  const code = new URL(url).searchParams.get('code') ?? ''
  expect((await login(code)).statusCode).toBe(200)
  await clock.advance(2_000)
  expect((await login('wrong')).statusCode).toBe(401)
})

test('failed proofs are counted per client, whom only a trusted proxy may name', async () => {
  const guess = async (trustedProxies: string[]) => {
    const { server } = await aDashboard({ options: { trustedProxies } })
    let last = 0
    for (let i = 0; i < 40; i++) {
      const headers = { ...bearer('wrong'), 'x-forwarded-for': `203.0.113.${i}` }
      last = (await server.app.inject({ url: '/api/status', headers })).statusCode
    }
    return last
  }
  expect(await guess([])).toBe(429)
  expect(await guess(['127.0.0.0/8'])).toBe(401)
})

test('one account may do much, but not everything at once', async () => {
  const { server, tokenOf, clock } = await aDashboard()
  const headers = bearer(await tokenOf('viewer'))
  const ask = async () => (await server.app.inject({ url: '/api/peers', headers })).statusCode
  const statuses = new Set<number>()
  for (let i = 0; i < 1_001; i++) statuses.add(await ask())
  expect([...statuses]).toEqual([200, 429])
  await clock.advance(1_000)
  expect(await ask()).toBe(200)
})

test('probes and metrics need no account', async () => {
  const reasons: string[] = []
  const { server, tokenOf } = await aDashboard({ notReady: () => reasons })
  const get = (url: string) => server.app.inject({ url, headers: { host: '10.0.0.7:8000' } })
  expect((await get('/healthz')).json()).toEqual({ status: 'ok' })
  expect((await get('/readyz')).statusCode).toBe(200)
  reasons.push('The identity cannot be read')
  expect([(await get('/readyz')).statusCode, (await get('/readyz')).json()]).toEqual([
    503,
    { status: 'not ready', reasons },
  ])
  await server.app.inject({ url: '/api/peers', headers: bearer(await tokenOf('viewer')) })
  expect((await get('/metrics')).body).toContain('route="/api/peers",status="200"')
})

test('the body of a request that never ends is not waited for for ever', async () => {
  const { server, tokenOf, clock } = await aDashboard({ listen: true })
  const socket = connect(server.port(), '127.0.0.1')
  const closed = once(socket, 'close')
  socket.on('error', () => undefined)
  socket.write(
    `POST /api/tokens HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${await tokenOf('admin')}\r\n` +
      'content-type: application/json\r\ncontent-length: 100\r\n\r\n{"na',
  )
  await clock.whenWaiting(BODY_TIMEOUT_MS)
  await clock.advance(BODY_TIMEOUT_MS)
  await closed
})

test('http itself answers exactly the endpoints that deal in cookies and event ids', () => {
  expect(ownEndpoints).toEqual(['login', 'logout', 'getSession', 'streamEvents'])
})
