import { expect, test } from 'vitest'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'

const host = { host: 'localhost:8000' }
const password = 'correct horse battery'

const call = (
  { server }: TestDashboard,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  { headers = {}, payload }: { headers?: Record<string, string>; payload?: object } = {},
) =>
  server.app.inject({
    method,
    url,
    headers: { ...host, ...headers },
    ...(payload !== undefined && { payload }),
  })

/** The cookies a browser would keep, as it sends them back. */
const cookiesOf = (reply: {
  headers: { 'set-cookie'?: string | readonly string[] | undefined }
}): string =>
  [reply.headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

/** Alice, who was handed a link and set a password. Yields her browser's cookies. */
async function alice(dashboard: TestDashboard): Promise<string> {
  await dashboard.access.users.create({ name: 'alice', role: 'operator' })
  const { url } = await dashboard.access.createLoginLinkFor('alice')
  const code = new URL(url).searchParams.get('code')
  const cookie = cookiesOf(await call(dashboard, 'POST', '/api/login', { payload: { code } }))
  await call(dashboard, 'PUT', '/api/me/password', {
    headers: { cookie },
    payload: { newPassword: password },
  })
  return cookie
}

const behindIngress = { options: { trustedProxies: ['127.0.0.1'] } }
const from = (address: string) => ({ 'x-forwarded-for': address })

test('a user signs in with name and password, by JSON or by a form', async () => {
  const dashboard = await aDashboard()
  await alice(dashboard)
  const json = await call(dashboard, 'POST', '/api/login', {
    payload: { user: 'alice', password },
  })
  expect(json.json()).toMatchObject({ user: 'alice', role: 'operator', via: 'session' })
  const form = await dashboard.server.app.inject({
    method: 'POST',
    url: '/login',
    headers: { ...host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ user: 'alice', password }).toString(),
  })
  expect([form.statusCode, form.headers.location]).toEqual([303, '/'])
  const session = await call(dashboard, 'GET', '/api/session', {
    headers: { cookie: cookiesOf(form) },
  })
  expect(session.json()).toMatchObject({ user: 'alice' })
})

test('a failed form says so, asks again, and repeats nothing of what was typed', async () => {
  const dashboard = await aDashboard()
  const reply = await dashboard.server.app.inject({
    method: 'POST',
    url: '/login',
    headers: { ...host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ user: '<script>', password: 'secret-secret' }).toString(),
  })
  expect(reply.statusCode).toBe(401)
  expect(reply.body).toContain('type="password"')
  expect(reply.body).not.toMatch(/<script>|secret-secret/)
})

test.each([
  ['nothing', {}],
  ['a name alone', { user: 'alice' }],
  ['both ways at once', { code: 'x', user: 'alice', password }],
])('a login with %s is refused as invalid', async (_name, payload) => {
  const dashboard = await aDashboard()
  const reply = await call(dashboard, 'POST', '/api/login', { payload })
  expect([reply.statusCode, reply.json()]).toMatchObject([422, { code: 'InvalidRequest' }])
})

test('whoever guesses from one address keeps nobody out: not the owner elsewhere, nor in a known browser', async () => {
  const dashboard = await aDashboard(behindIngress)
  const browser = await alice(dashboard)
  const login = (given: string, headers: Record<string, string>) =>
    call(dashboard, 'POST', '/api/login', { headers, payload: { user: 'alice', password: given } })
  for (let i = 0; i < 12; i++) await login('guess', from('203.0.113.7'))
  expect((await login(password, from('203.0.113.7'))).statusCode).toBe(429)
  expect((await login(password, from('198.51.100.1'))).statusCode).toBe(200)
  const known = { ...from('203.0.113.7'), cookie: browser }
  expect((await login(password, known)).statusCode).toBe(200)
})

test('an address that nobody vouches for is not believed', async () => {
  const dashboard = await aDashboard()
  await alice(dashboard)
  let last = 0
  for (let i = 0; i < 12; i++) {
    const headers = from(`203.0.113.${i}`)
    const payload = { user: 'alice', password: 'guess' }
    last = (await call(dashboard, 'POST', '/api/login', { headers, payload })).statusCode
  }
  expect(last).toBe(429)
})

test('a right login link works however much was guessed, from the same address too', async () => {
  const dashboard = await aDashboard()
  await alice(dashboard)
  for (let i = 0; i < 40; i++)
    await call(dashboard, 'POST', '/api/login', { payload: { user: 'alice', password: 'guess' } })
  const { url } = await dashboard.access.createLoginLinkFor('alice')
  const code = new URL(url).searchParams.get('code')
  expect((await call(dashboard, 'POST', '/api/login', { payload: { code } })).statusCode).toBe(200)
})

test('who is asked to sign in is told so, however often strangers at the same address failed', async () => {
  const dashboard = await aDashboard()
  for (let i = 0; i < 100; i++)
    await call(dashboard, 'POST', '/api/login', { payload: { code: 'guess' } })
  for (let i = 0; i < 100; i++)
    expect((await call(dashboard, 'GET', '/api/session')).statusCode).toBe(401)
})

test('people see and end their own sessions; admins everybody’s', async () => {
  const dashboard = await aDashboard()
  const cookie = await alice(dashboard)
  const admin = await dashboard.sessionCookie()
  type Listed = { items: { id: string; user: string; current: boolean }[] }
  const list = async (asked: string) =>
    (await call(dashboard, 'GET', '/api/sessions', { headers: { cookie: asked } })).json<Listed>()
      .items
  const [own] = await list(cookie)
  expect(await list(cookie)).toMatchObject([{ user: 'alice', current: true }])
  const others = await list(admin)
  expect(others.map(({ user, current }) => [user, current])).toEqual([
    ['alice', false],
    ['admin', true],
  ])
  const end = (id: string, asked: string) =>
    call(dashboard, 'DELETE', `/api/session/${id}`, { headers: { cookie: asked } })
  expect((await end(others[1]!.id, cookie)).json()).toMatchObject({ code: 'SessionNotFound' })
  expect((await end(own!.id, admin)).statusCode).toBe(204)
  expect((await call(dashboard, 'GET', '/api/session', { headers: { cookie } })).statusCode).toBe(
    401,
  )
})

test('one call ends every other session of one’s own, or for admins all of a user', async () => {
  const dashboard = await aDashboard()
  const first = await alice(dashboard)
  const again = await call(dashboard, 'POST', '/api/login', {
    payload: { user: 'alice', password },
  })
  const second = cookiesOf(again)
  const end = (cookie: string, query = '') =>
    call(dashboard, 'DELETE', `/api/sessions${query}`, { headers: { cookie } })
  const status = async (cookie: string) =>
    (await call(dashboard, 'GET', '/api/session', { headers: { cookie } })).statusCode
  expect((await end(second)).json()).toEqual({ ended: 1 })
  expect([await status(first), await status(second)]).toEqual([401, 200])
  expect((await end(second, '?user=admin')).json()).toMatchObject({ code: 'RoleTooLow' })
  const admin = await dashboard.sessionCookie()
  expect((await end(admin, '?user=alice')).json()).toEqual({ ended: 1 })
  expect(await status(second)).toBe(401)
})

test('tokens are made for oneself, up to one’s own role, and only by somebody who signed in', async () => {
  const dashboard = await aDashboard()
  const cookie = await alice(dashboard)
  const create = (payload: object, headers: Record<string, string> = { cookie }) =>
    call(dashboard, 'POST', '/api/tokens', { headers, payload })
  const created = await create({ name: 'mine' })
  expect(created.json()).toMatchObject({ role: 'operator', owner: 'alice' })
  expect((await create({ name: 'more', role: 'admin' })).json()).toMatchObject({
    code: 'RoleTooLow',
  })
  const authorization = `Bearer ${created.json<{ token: string }>().token}`
  expect((await create({ name: 'child' }, { authorization })).json()).toMatchObject({
    code: 'SessionNeeded',
  })
  await dashboard.tokenOf('admin')
  const listed = await call(dashboard, 'GET', '/api/tokens', { headers: { cookie } })
  expect(listed.json<{ items: unknown[] }>().items).toMatchObject([{ name: 'mine' }])
  const revoke = (name: string) =>
    call(dashboard, 'DELETE', `/api/token/${name}`, { headers: { cookie } })
  expect((await revoke('admin-1')).json()).toMatchObject({ code: 'TokenNotFound' })
  expect((await revoke('mine')).statusCode).toBe(204)
})
