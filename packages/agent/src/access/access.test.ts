import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import { createAccess, LOGIN_LINK_LIFE_MS, type Access, type AccessDeps } from './access.ts'
import { LAST_USED_WRITE_MS } from './last-used.ts'
import { FIRST_LOGIN_LIFE_MS } from './first-login.ts'
import { MAX_OPEN_LOGIN_CODES } from './login-codes.ts'
import { MAX_SESSIONS_PER_USER, SESSION_LIFE_MS } from './sessions.ts'

const fingerprint = 'abcdef01'.repeat(8)

function memoryStores() {
  return {
    users: createMemoryDocumentStore(),
    adminLink: createMemoryDocumentStore(),
    loginCodes: createMemoryDocumentStore(),
    sessions: createMemoryDocumentStore(),
    tokens: createMemoryDocumentStore(),
    ticketKey: createMemoryDocumentStore(),
  } satisfies AccessDeps['stores']
}

async function anAccess({ stores = memoryStores(), clock = new FakeClock() } = {}) {
  const access = createAccess(
    { stores, clock, logger: createLogger({ level: 'silent', agent: 'a' }) },
    { fingerprint, dashboardUrl: () => 'http://localhost:8000' },
  )
  await access.start(new AbortController().signal)
  onTestFinished(() => access.stop())
  return { access, stores, clock }
}

const codeOf = (url: string): string => new URL(url).searchParams.get('code') ?? ''
const cookieFor = (access: Access, id: string): { cookie: string } => ({
  cookie: `other=1; ${access.sessionCookieName(false)}=${id}`,
})
async function signIn(access: Access) {
  const { url } = await access.createLoginLink()
  return await access.login(codeOf(url), {})
}

test('a login link lets one person in, once', async () => {
  const { access } = await anAccess()
  const { url } = await access.createLoginLink()
  expect(url).toMatch(/^http:\/\/localhost:8000\/login\?code=[\w-]{43}$/)
  const { id } = await access.login(codeOf(url), {})
  expect(access.authenticate(cookieFor(access, id))).toMatchObject({
    caller: { name: 'admin', role: 'admin' },
    via: 'session',
  })
  await expect(access.login(codeOf(url), {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
})

test('of many who use one login link at the same moment, one gets in', async () => {
  const { access, stores } = await anAccess()
  const { url } = await access.createLoginLink()
  const logins = await Promise.allSettled(
    Array.from({ length: 10 }, () => access.login(codeOf(url), {})),
  )
  expect(logins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const stored = JSON.parse((await stores.sessions.read())?.text ?? '') as { sessions: unknown[] }
  expect(stored.sessions).toHaveLength(1)
})

test('a login link expires', async () => {
  const { access, clock } = await anAccess()
  const { url } = await access.createLoginLink()
  await clock.advance(LOGIN_LINK_LIFE_MS)
  await expect(access.login(codeOf(url), {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
})

test('a login that fails halfway because the cluster is away does not burn the link', async () => {
  const { access, stores } = await anAccess()
  const { url } = await access.createLoginLink()
  vi.spyOn(stores.sessions, 'write').mockRejectedValueOnce(new Error('away'))
  await expect(access.login(codeOf(url), {})).rejects.toThrow('away')
  await expect(access.login(codeOf(url), {})).resolves.toHaveProperty('id')
})

test('more open login links than the bound are refused, and expired ones make room', async () => {
  const { access, clock } = await anAccess()
  for (let i = 0; i < MAX_OPEN_LOGIN_CODES; i++) await access.createLoginLink()
  await expect(access.createLoginLink()).rejects.toMatchObject({ code: 'TooManyLoginLinks' })
  await clock.advance(LOGIN_LINK_LIFE_MS)
  await expect(access.createLoginLink()).resolves.toHaveProperty('url')
})

test('nobody is admin for having come first: without a code there is no way in', async () => {
  const { access } = await anAccess()
  expect(access.authenticate({})).toBeUndefined()
  await expect(access.login('', {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
  await expect(access.login('a'.repeat(43), {})).rejects.toMatchObject({
    code: 'LoginLinkInvalid',
  })
})

test('the first login link lies in its Secret until somebody used it, then both are gone', async () => {
  const { access, stores } = await anAccess()
  await access.firstLogin.offer('secret')
  const offered = (await stores.adminLink.read())?.text ?? ''
  await access.login(codeOf(offered), {})
  expect(await stores.adminLink.read()).toBeUndefined()
  await expect(access.firstLogin.offer('secret')).resolves.toBeUndefined()
  await expect(access.firstLogin.offer('terminal')).resolves.toBeUndefined()
})

test('an unused first login link is renewed in the Secret when it expires', async () => {
  const { access, stores, clock } = await anAccess()
  await access.firstLogin.offer('secret')
  const first = (await stores.adminLink.read())?.text ?? ''
  await clock.advance(FIRST_LOGIN_LIFE_MS)
  const second = (await stores.adminLink.read())?.text ?? ''
  expect(second).not.toBe(first)
  await expect(access.login(codeOf(first), {})).rejects.toThrow()
  await expect(access.login(codeOf(second), {})).resolves.toHaveProperty('id')
})

test('a new first login link replaces the one before, also over a restart', async () => {
  const { access, stores, clock } = await anAccess()
  const before = (await access.firstLogin.offer('terminal')) ?? ''
  await access.stop()
  const { access: restarted } = await anAccess({ stores, clock })
  const after = (await restarted.firstLogin.offer('terminal')) ?? ''
  await expect(restarted.login(codeOf(before), {})).rejects.toThrow()
  await expect(restarted.login(codeOf(after), {})).resolves.toHaveProperty('id')
})

test('a session survives a restart of the agent, and ends with its time', async () => {
  const { access, stores, clock } = await anAccess()
  const { id } = await signIn(access)
  await access.stop()
  const { access: restarted } = await anAccess({ stores, clock })
  expect(restarted.authenticate(cookieFor(restarted, id))).toBeDefined()
  await clock.advance(SESSION_LIFE_MS)
  expect(restarted.authenticate(cookieFor(restarted, id))).toBeUndefined()
})

test('a login makes a new session id, and the one from before is worth nothing', async () => {
  const { access } = await anAccess()
  const { id: before } = await signIn(access)
  const { url } = await access.createLoginLink()
  const { id: after } = await access.login(codeOf(url), cookieFor(access, before))
  expect(after).not.toBe(before)
  expect(access.authenticate(cookieFor(access, before))).toBeUndefined()
  expect(access.authenticate(cookieFor(access, after))).toBeDefined()
})

test('a session id nobody issued is not adopted at login', async () => {
  const { access } = await anAccess()
  const { url } = await access.createLoginLink()
  const { id } = await access.login(codeOf(url), cookieFor(access, 'planted'))
  expect(id).not.toBe('planted')
  expect(access.authenticate(cookieFor(access, 'planted'))).toBeUndefined()
})

test('logging out ends the session', async () => {
  const { access } = await anAccess()
  const { id } = await signIn(access)
  await access.logout(cookieFor(access, id))
  expect(access.authenticate(cookieFor(access, id))).toBeUndefined()
})

test('at the bound the oldest session ends', async () => {
  const { access } = await anAccess()
  const sessions = []
  for (let i = 0; i <= MAX_SESSIONS_PER_USER; i++) sessions.push(await signIn(access))
  expect(access.authenticate(cookieFor(access, sessions[0]!.id))).toBeUndefined()
  expect(access.authenticate(cookieFor(access, sessions[1]!.id))).toBeDefined()
})

test('a token works by its text until it is revoked, by id or by name', async () => {
  const { access } = await anAccess()
  const ci = await access.tokens.create({ name: 'ci', role: 'operator' })
  const bot = await access.tokens.create({ name: 'bot', role: 'viewer' })
  const as = (token: string) => access.authenticate({ authorization: `Bearer ${token}` })
  expect(as(ci.token)).toMatchObject({
    caller: { name: 'token/ci', role: 'operator' },
    via: 'token',
  })
  await access.tokens.revoke('ci')
  await access.tokens.revoke(bot.id)
  expect(() => as(ci.token)).toThrow(/unknown, expired or revoked/)
  expect(() => as(bot.token)).toThrow(/unknown, expired or revoked/)
  await expect(access.tokens.revoke('ci')).rejects.toMatchObject({ code: 'TokenNotFound' })
})

test('a wrong token is refused even beside a good session: who sends one means it', async () => {
  const { access } = await anAccess()
  const { id } = await signIn(access)
  const { token } = await access.tokens.create({ name: 'ci' })
  for (const wrong of ['nonsense', `${token}x`, token.slice(0, -1) + '~'])
    expect(() =>
      access.authenticate({ ...cookieFor(access, id), authorization: `Bearer ${wrong}` }),
    ).toThrow(/API token/)
})

test('a token expires, and its name is free again', async () => {
  const { access, clock } = await anAccess()
  const { token } = await access.tokens.create({ name: 'ci', expiresInSeconds: 60 })
  await expect(access.tokens.create({ name: 'ci' })).rejects.toMatchObject({ code: 'TokenExists' })
  await clock.advance(60_000)
  expect(() => access.authenticate({ authorization: `Bearer ${token}` })).toThrow()
  expect(access.tokens.list()).toEqual([])
  await expect(access.tokens.create({ name: 'ci' })).resolves.toHaveProperty('token')
})

test('when a token was last used is shown at once and written once a minute', async () => {
  const { access, stores, clock } = await anAccess()
  const { token } = await access.tokens.create({ name: 'ci' })
  const write = vi.spyOn(stores.tokens, 'write')
  for (let i = 0; i < 100; i++) access.authenticate({ authorization: `Bearer ${token}` })
  expect(access.tokens.list()[0]?.lastUsedAt).toBe(new Date(clock.now()).toISOString())
  expect(write).not.toHaveBeenCalled()
  await clock.advance(LAST_USED_WRITE_MS)
  expect(write).toHaveBeenCalledTimes(1)
  const { access: restarted } = await anAccess({ stores, clock })
  expect(restarted.tokens.list()[0]).toHaveProperty('lastUsedAt')
})

test('nothing at rest can be used to get in', async () => {
  const { access, stores } = await anAccess()
  const link = await access.createLoginLink()
  const { id } = await signIn(access)
  const { token } = await access.tokens.create({ name: 'ci' })
  const atRest = await Promise.all(Object.values(stores).map((store) => store.read()))
  const text = atRest.map((stored) => stored?.text ?? '').join('\n')
  for (const secret of [codeOf(link.url), id, token, token.slice(-43)])
    expect(text).not.toContain(secret)
})

test('cookies are named after the agent, so that two on one host do not fight over one', async () => {
  const { access } = await anAccess()
  expect(access.sessionCookieName(false)).toBe('porpulsion-abcdef01')
  expect(access.sessionCookieName(true)).toBe('__Host-porpulsion-abcdef01')
  for (const name of ['porpulsion-99', '__Host-porpulsion-99', access.ticketCookieName])
    expect(access.isOurCookie(name)).toBe(true)
  expect(access.isOurCookie('session')).toBe(false)
})
