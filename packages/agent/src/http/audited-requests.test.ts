import { endpoints, PorpulsionError, type EndpointName } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'

const host = { host: 'localhost:8000' }
const bearer = (token: string) => ({ ...host, authorization: `Bearer ${token}` })
const from = '127.0.0.1'

const request = async (
  dashboard: TestDashboard,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
) => {
  const authorized = bearer(await dashboard.tokenOf('admin'))
  return await dashboard.server.app.inject({
    method,
    url,
    headers: { ...authorized, ...headers },
    ...(payload !== undefined && { payload }),
  })
}

test('every endpoint that changes something leaves one line, and none that only reads does', async () => {
  const dashboard = await aDashboard()
  const headers = bearer(await dashboard.tokenOf('admin'))
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    if (name === 'streamEvents') continue
    const { method, path, format, onlyAsks } = endpoints[name]
    dashboard.audited.length = 0
    await dashboard.server.app.inject({
      method,
      url: path.replace(/:[a-zA-Z]+/g, 'x'),
      headers,
    })
    const actions = dashboard.audited.map(({ action }) => action)
    const isRead = (method === 'GET' && format !== 'websocket') || onlyAsks
    expect([name, actions]).toEqual([name, isRead ? [] : [name]])
  }
})

test('a change says who, what, about which object and from where', async () => {
  const dashboard = await aDashboard()
  await request(dashboard, 'POST', '/api/users', { name: 'alice', role: 'viewer' })
  await request(dashboard, 'DELETE', '/api/user/alice')
  expect(dashboard.audited).toEqual([
    { actor: 'token/admin-1', action: 'createUser', about: 'user/alice', outcome: 'done', from },
    { actor: 'token/admin-2', action: 'deleteUser', about: 'user/alice', outcome: 'done', from },
  ])
})

test('an app is named as its namespace has it, however it was asked for', async () => {
  const app = { metadata: { name: 'web', namespace: 'porpulsion', uid: 'uid-1' } }
  const dashboard = await aDashboard({
    // Only its name matters here.
    handlers: { restartRemoteApp: () => Promise.resolve(app as never) },
  })
  await request(dashboard, 'POST', '/api/remoteapp/uid-1/restart')
  expect(dashboard.audited).toMatchObject([{ about: 'remoteapp/porpulsion,web' }])
})

test('a handler may say whom a request is about, and then what changed, also when it refuses', async () => {
  const dashboard = await aDashboard({
    handlers: {
      rollbackRemoteApp: ({ note }) => {
        note({ about: 'remoteapp/porpulsion,web' })
        note({ changes: ['image'] })
        return Promise.reject(new PorpulsionError('FailedPrecondition', 'AppDeleting', 'late'))
      },
    },
  })
  await request(dashboard, 'POST', '/api/remoteapp/uid-1/rollback', { revision: 1 })
  expect(dashboard.audited).toMatchObject([
    { about: 'remoteapp/porpulsion,web', changes: ['image'], reason: 'AppDeleting' },
  ])
})

test('what was refused or failed is there with its code', async () => {
  const dashboard = await aDashboard({
    handlers: {
      removePeer: () => Promise.reject(new PorpulsionError('Timeout', 'PeerTimeout', 'late')),
      confirmPeer: () => Promise.reject(new Error('a defect')),
    },
  })
  await request(dashboard, 'POST', '/api/users', { name: 'No Capitals', role: 'king' })
  await request(dashboard, 'DELETE', '/api/user/nobody')
  await request(dashboard, 'DELETE', '/api/peer/b')
  await request(dashboard, 'POST', '/api/peer/b/confirm')
  await request(dashboard, 'POST', '/api/peers', undefined, { 'content-type': 'text/csv' })
  const told = dashboard.audited.map(({ action, outcome, reason }) => [action, outcome, reason])
  expect(told).toEqual([
    ['createUser', 'refused', 'InvalidRequest'],
    ['deleteUser', 'refused', 'UserNotFound'],
    ['removePeer', 'failed', 'PeerTimeout'],
    ['confirmPeer', 'failed', 'InternalError'],
    ['addPeer', 'refused', 'MalformedRequest'],
  ])
})

test('who tried what their role does not allow is named; who proved nothing is not', async () => {
  const dashboard = await aDashboard()
  const { app } = dashboard.server
  const viewer = bearer(await dashboard.tokenOf('viewer'))
  await app.inject({ method: 'DELETE', url: '/api/peer/b', headers: viewer })
  await app.inject({ method: 'DELETE', url: '/api/peer/b', headers: host })
  const cookie = await dashboard.sessionCookie()
  const elsewhere = { ...host, cookie, origin: 'http://evil.example' }
  await app.inject({ method: 'DELETE', url: '/api/peer/b', headers: elsewhere })
  expect(dashboard.audited).toMatchObject([
    { actor: 'token/viewer-1', about: 'peer/b', outcome: 'refused', reason: 'RoleTooLow' },
    { actor: 'anyone', about: 'peer/b', outcome: 'refused', reason: 'NotSignedIn' },
    { actor: 'anyone', about: 'peer/b', outcome: 'refused', reason: 'OriginNotAllowed' },
  ])
})

test('a handler may say which settings changed', async () => {
  const dashboard = await aDashboard({
    handlers: {
      patchSettings: ({ note }) => {
        note({ changes: ['totals.apps'] })
        return Promise.resolve({ revision: 'r', document: {}, effective: {} })
      },
    },
  })
  await request(dashboard, 'PATCH', '/api/settings', { totals: { apps: 10 } })
  expect(dashboard.audited).toMatchObject([{ action: 'patchSettings', changes: ['totals.apps'] }])
})

test('sign-ins, failed ones and sign-outs are there, with the name only of users there are', async () => {
  const dashboard = await aDashboard()
  const { app } = dashboard.server
  const login = (payload: object) =>
    app.inject({ method: 'POST', url: '/api/login', headers: host, payload })
  const code = new URL((await dashboard.access.createLoginLink()).url).searchParams.get('code')
  const { headers } = await login({ code })
  await login({ code })
  await login({ user: 'admin', password: 'wrong' })
  await login({ user: 'my password, in the wrong field', password: 'x' })
  const [cookie = ''] = String(headers['set-cookie']).split(';')
  await app.inject({ method: 'POST', url: '/api/logout', headers: { ...host, cookie } })
  expect(dashboard.audited).toEqual([
    { actor: 'admin', action: 'login', outcome: 'done', from },
    { actor: 'anyone', action: 'login', outcome: 'refused', reason: 'LoginLinkInvalid', from },
    {
      actor: 'anyone',
      action: 'login',
      about: 'user/admin',
      outcome: 'refused',
      reason: 'PasswordWrong',
      from,
    },
    { actor: 'anyone', action: 'login', outcome: 'refused', reason: 'PasswordWrong', from },
    { actor: 'admin', action: 'logout', outcome: 'done', from },
  ])
})

test('no secret, token or value of a request is in the trail', async () => {
  const dashboard = await aDashboard()
  const secret = 'correct-horse-battery'
  const created = await request(dashboard, 'POST', '/api/tokens?secret=1', { name: 'ci' })
  const user = await request(dashboard, 'POST', '/api/users', { name: 'alice', role: 'viewer' })
  await request(dashboard, 'PUT', '/api/me/password', { newPassword: secret })
  await request(dashboard, 'PATCH', '/api/settings', { images: { block: [secret] } })
  const { loginUrl } = user.json<{ loginUrl: string }>()
  const trail = JSON.stringify(dashboard.audited)
  expect(created.statusCode).toBe(422)
  for (const value of [secret, loginUrl, new URL(loginUrl).searchParams.get('code') ?? ''])
    expect(trail).not.toContain(value)
})
