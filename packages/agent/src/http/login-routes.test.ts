import { expect, test } from 'vitest'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'

const host = { host: 'localhost:8000' }

async function aLoginCode({ access }: TestDashboard): Promise<string> {
  return new URL((await access.createLoginLink()).url).searchParams.get('code') ?? ''
}

const submit = ({ server }: TestDashboard, code: string, headers: Record<string, string> = {}) =>
  server.app.inject({
    method: 'POST',
    url: '/login',
    headers: { ...host, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams({ code }).toString(),
  })

test('opening a login link does not use it; its form does, and leads to the dashboard', async () => {
  const dashboard = await aDashboard()
  const code = await aLoginCode(dashboard)
  for (let i = 0; i < 3; i++) {
    const page = await dashboard.server.app.inject({ url: `/login?code=${code}`, headers: host })
    expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(page.body).toContain(`name="code" value="${code}"`)
  }
  const origin = 'http://localhost:8000'
  const reply = await submit(dashboard, code, { origin, 'sec-fetch-site': 'same-origin' })
  expect([reply.statusCode, reply.headers.location]).toEqual([303, '/'])
  const [cookie = ''] = [reply.headers['set-cookie'] ?? ''].flat()
  expect(cookie).toMatch(
    /^porpulsion-abcdef01=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
  )
  const session = await dashboard.server.app.inject({
    url: '/api/session',
    headers: { ...host, cookie: cookie.split(';')[0] },
  })
  expect(session.json()).toMatchObject({ user: 'admin', role: 'admin', via: 'session' })
})

test('the script that sends the form comes from our own files', async () => {
  const { server } = await aDashboard()
  const page = await server.app.inject({ url: '/login?code=x', headers: host })
  const [, src = ''] = /<script src="([^"]+)"><\/script>/.exec(page.body) ?? []
  expect(src).toMatch(/^\/assets\//)
  expect(page.body).not.toMatch(/<script>|onload=|onclick=/)
  const script = await server.app.inject({ url: src, headers: host })
  expect(script.headers['content-type']).toMatch(/^text\/javascript/)
  expect(script.body).toContain('requestSubmit')
})

test('a link that was used, or is wrong, is answered with a page that says so', async () => {
  const dashboard = await aDashboard()
  const code = await aLoginCode(dashboard)
  await submit(dashboard, code)
  for (const each of [code, 'wrong', '']) {
    const reply = await submit(dashboard, each)
    expect([reply.statusCode, reply.headers['set-cookie']]).toEqual([401, undefined])
    expect(reply.body).toContain('was used, has expired or is wrong')
  }
})

test('another page cannot sign a visitor in as somebody else', async () => {
  const dashboard = await aDashboard()
  const code = await aLoginCode(dashboard)
  const reply = await submit(dashboard, code, { origin: 'http://evil.example' })
  expect(reply.statusCode).toBe(403)
  expect((await submit(dashboard, code)).statusCode).toBe(303)
})

test('a code cannot write into the page', async () => {
  const { server } = await aDashboard()
  const evil = encodeURIComponent('"><script src=//evil.example></script>')
  const page = await server.app.inject({ url: `/login?code=${evil}`, headers: host })
  expect(page.body).not.toContain('<script src=//evil')
  expect(page.body).toContain('&quot;&gt;&lt;script')
})

test('behind a trusted proxy that speaks https the cookie is bound to this very host', async () => {
  const dashboard = await aDashboard({ options: { trustedProxies: ['127.0.0.1'] } })
  const https = { 'x-forwarded-proto': 'https' }
  const reply = await submit(dashboard, await aLoginCode(dashboard), https)
  const cookie = String(reply.headers['set-cookie'])
  expect(cookie).toMatch(/^__Host-porpulsion-abcdef01=[^;]+; Path=\/; .*; Secure$/)
  expect(reply.headers['strict-transport-security']).toBeDefined()
  const session = await dashboard.server.app.inject({
    url: '/api/session',
    headers: { ...host, ...https, cookie: cookie.split(';')[0] },
  })
  expect(session.statusCode).toBe(200)
})

test('a program signs in with JSON, is who it is, and signs out', async () => {
  const dashboard = await aDashboard()
  const { app } = dashboard.server
  const code = await aLoginCode(dashboard)
  const login = await app.inject({
    method: 'POST',
    url: '/api/login',
    headers: host,
    payload: { code },
  })
  expect(login.json()).toMatchObject({ user: 'admin', role: 'admin', via: 'session' })
  const [cookie = ''] = String(login.headers['set-cookie']).split(';')
  const logout = await app.inject({
    method: 'POST',
    url: '/api/logout',
    headers: { ...host, cookie },
  })
  expect([logout.statusCode, logout.body]).toEqual([204, ''])
  expect(String(logout.headers['set-cookie'])).toMatch(/^porpulsion-abcdef01=; .*Max-Age=0/)
  const after = await app.inject({ url: '/api/session', headers: { ...host, cookie } })
  expect(after.json()).toMatchObject({ status: 401, code: 'NotSignedIn' })
})

test('a login gives the browser a new session and ends the one it had', async () => {
  const dashboard = await aDashboard()
  const before = await dashboard.sessionCookie()
  const reply = await submit(dashboard, await aLoginCode(dashboard), { cookie: before })
  expect(String(reply.headers['set-cookie'])).not.toContain(before.split('=')[1])
  const { statusCode } = await dashboard.server.app.inject({
    url: '/api/session',
    headers: { ...host, cookie: before },
  })
  expect(statusCode).toBe(401)
})

test('who am I, asked with a token, names the token', async () => {
  const dashboard = await aDashboard()
  const { token } = await dashboard.access.tokens.create({
    name: 'ci',
    role: 'viewer',
    expiresInSeconds: 3_600,
  })
  const headers = { ...host, authorization: `Bearer ${token}` }
  const reply = await dashboard.server.app.inject({ url: '/api/session', headers })
  expect(reply.json()).toEqual({
    user: 'token/ci',
    role: 'viewer',
    via: 'token',
    expiresAt: new Date(dashboard.clock.now() + 3_600_000).toISOString(),
  })
})
