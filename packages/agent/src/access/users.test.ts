import type { Role } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import { createAccess, LOGIN_LINK_LIFE_MS, type Arrival } from './access.ts'
import { FIRST_LOGIN_LIFE_MS } from './first-login.ts'
import { MAX_SESSIONS_PER_USER } from './sessions.ts'
import { MAX_USERS } from './users.ts'

const password = 'correct horse battery'
const other = 'staple battery horse'

async function anAccess(usersText?: string, { signsIn = true } = {}) {
  const stores = {
    users: createMemoryDocumentStore(usersText),
    adminLink: createMemoryDocumentStore(),
    loginCodes: createMemoryDocumentStore(),
    sessions: createMemoryDocumentStore(),
    tokens: createMemoryDocumentStore(),
    ticketKey: createMemoryDocumentStore(),
  }
  const clock = new FakeClock()
  const changes: string[] = []
  const access = createAccess(
    {
      stores,
      clock,
      logger: createLogger({ level: 'silent', agent: 'a' }),
      onChange: (what) => changes.push(what),
    },
    { fingerprint: 'abcdef01'.repeat(8), dashboardUrl: () => 'http://localhost:8000' },
  )
  await access.start(new AbortController().signal)
  onTestFinished(() => access.stop())

  const cookieOf = (id: string) => ({ cookie: `${access.sessionCookieName(false)}=${id}` })
  const whoIs = (id: string) => access.authenticate(cookieOf(id))?.caller
  const codeOf = ({ url }: { url: string }) => new URL(url).searchParams.get('code') ?? ''
  const byLink = async (name: string, arrival: Arrival = {}) =>
    await access.login(codeOf(await access.createLoginLinkFor(name)), arrival)
  /** A user who signed in once and set a password. */
  const aUser = async (name: string, role: Role = 'operator') => {
    await access.users.create({ name, role })
    const { id } = await byLink(name)
    await access.changePassword(whoIs(id)!, { newPassword: password })
    return id
  }
  if (signsIn) await byLink('admin')
  return { access, stores, clock, changes, cookieOf, whoIs, codeOf, byLink, aUser }
}

test('a new user gets in by a link, once, and from then on with a password of their own', async () => {
  const { access, whoIs, codeOf } = await anAccess()
  await access.users.create({ name: 'alice', role: 'operator' })
  const code = codeOf(await access.createLoginLinkFor('alice'))
  const { id } = await access.login(code, {})
  expect(whoIs(id)).toMatchObject({ name: 'alice', role: 'operator' })
  await expect(access.login(code, {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
  await access.changePassword(whoIs(id)!, { newPassword: password })
  const again = await access.loginByPassword('alice', password, {})
  expect(whoIs(again.id)).toMatchObject({ name: 'alice' })
})

test('a link to hand over lives for a day', async () => {
  const { access, clock, codeOf } = await anAccess()
  await access.users.create({ name: 'alice', role: 'viewer' })
  const code = codeOf(await access.createLoginLinkFor('alice'))
  await clock.advance(FIRST_LOGIN_LIFE_MS - 1)
  await expect(access.login(code, {})).resolves.toBeDefined()
})

test.each([
  ['a wrong password', 'alice', other],
  ['a name nobody has', 'nobody', password],
  ['a user without a password', 'admin', password],
  ['a user without a password, and nothing', 'admin', ''],
])('%s does not get in, and is answered as any other', async (_name, user, given) => {
  const { access, aUser } = await anAccess()
  await aUser('alice')
  await expect(access.loginByPassword(user, given, {})).rejects.toMatchObject({
    code: 'PasswordWrong',
    message: expect.stringContaining('The name or the password is wrong') as unknown,
  })
})

test('a new password ends the other sessions of its user, and the old password', async () => {
  const { access, aUser, whoIs } = await anAccess()
  const first = await aUser('alice')
  const bystander = await aUser('bob')
  const { id: current } = await access.loginByPassword('alice', password, {})
  await access.changePassword(whoIs(current)!, { currentPassword: password, newPassword: other })
  expect(whoIs(first)).toBeUndefined()
  expect(whoIs(current)).toBeDefined()
  expect(whoIs(bystander)).toBeDefined()
  await expect(access.loginByPassword('alice', password, {})).rejects.toThrow()
  await expect(access.loginByPassword('alice', other, {})).resolves.toBeDefined()
})

test('whoever finds a session open cannot set a password without the current one', async () => {
  const { access, aUser, whoIs } = await anAccess()
  await aUser('alice')
  const { id } = await access.loginByPassword('alice', password, {})
  const change = (given: object) =>
    access.changePassword(whoIs(id)!, { newPassword: other, ...given })
  await expect(change({})).rejects.toMatchObject({ code: 'InvalidRequest' })
  for (let i = 0; i < 10; i++)
    await expect(change({ currentPassword: 'guess' })).rejects.toMatchObject({
      code: 'CurrentPasswordWrong',
    })
  await expect(change({ currentPassword: password })).rejects.toMatchObject({
    code: 'RateLimited',
  })
  await expect(access.loginByPassword('alice', password, {})).resolves.toBeDefined()
})

test('who forgot the password sets a new one right after a link let them in, and not later', async () => {
  const { access, aUser, byLink, clock, whoIs } = await anAccess()
  await aUser('alice')
  const { id } = await byLink('alice')
  await clock.advance(LOGIN_LINK_LIFE_MS)
  await expect(access.changePassword(whoIs(id)!, { newPassword: other })).rejects.toMatchObject({
    code: 'InvalidRequest',
  })
  const { id: fresh } = await byLink('alice')
  await access.changePassword(whoIs(fresh)!, { newPassword: other })
  await expect(access.loginByPassword('alice', other, {})).resolves.toBeDefined()
})

test('an API token cannot set the password of its owner', async () => {
  const { access, aUser, whoIs } = await anAccess()
  const id = await aUser('alice')
  const { token } = await access.tokens.create({ name: 'ci' }, whoIs(id)!.user)
  const { caller } = access.authenticate({ authorization: `Bearer ${token}` })!
  await expect(access.changePassword(caller, { newPassword: other })).rejects.toMatchObject({
    code: 'SessionNeeded',
  })
})

test('a lower role acts on the next request of a session, and of a token of theirs', async () => {
  const { access, aUser, whoIs } = await anAccess()
  const id = await aUser('alice', 'admin')
  const { token } = await access.tokens.create({ name: 'ci', role: 'admin' }, whoIs(id)!.user)
  const byToken = () => access.authenticate({ authorization: `Bearer ${token}` })?.caller.role
  expect(byToken()).toBe('admin')
  await access.users.update('alice', { role: 'viewer' })
  expect([whoIs(id)?.role, byToken()]).toEqual(['viewer', 'viewer'])
  await access.users.update('alice', { role: 'admin' })
  expect([whoIs(id)?.role, byToken()]).toEqual(['admin', 'admin'])
})

test('a token is never more than it was made for, whatever its owner becomes', async () => {
  const { access, aUser, whoIs } = await anAccess()
  const id = await aUser('alice', 'viewer')
  const { token } = await access.tokens.create({ name: 'ci', role: 'viewer' }, whoIs(id)!.user)
  await access.users.update('alice', { role: 'admin' })
  expect(access.authenticate({ authorization: `Bearer ${token}` })?.caller.role).toBe('viewer')
})

test('a disabled user gets in nowhere, and everywhere again once enabled', async () => {
  const { access, aUser, whoIs, codeOf } = await anAccess()
  const id = await aUser('alice')
  const { token } = await access.tokens.create({ name: 'ci' }, whoIs(id)!.user)
  const byToken = () => access.authenticate({ authorization: `Bearer ${token}` })
  const code = codeOf(await access.createLoginLinkFor('alice'))
  await access.users.update('alice', { disabled: true })
  expect(whoIs(id)).toBeUndefined()
  expect(byToken).toThrow(/owner/)
  await expect(access.login(code, {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
  await expect(access.loginByPassword('alice', password, {})).rejects.toMatchObject({
    code: 'PasswordWrong',
  })
  await expect(access.createLoginLinkFor('alice')).rejects.toMatchObject({ code: 'UserNotFound' })
  await access.users.update('alice', { disabled: false })
  expect(whoIs(id)).toBeDefined()
  expect(byToken()).toBeDefined()
})

test('a user disabled while the password was being checked does not get in', async () => {
  const { access, aUser } = await anAccess()
  await aUser('alice')
  const login = access.loginByPassword('alice', password, {})
  const [refused] = await Promise.allSettled([
    login,
    access.users.update('alice', { disabled: true }),
  ])
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'PasswordWrong' } })
})

test('a deleted user is out at once; one of the same name is somebody else', async () => {
  const { access, stores, aUser, whoIs, codeOf } = await anAccess()
  const id = await aUser('alice')
  const { token } = await access.tokens.create({ name: 'ci' }, whoIs(id)!.user)
  const code = codeOf(await access.createLoginLinkFor('alice'))
  // The process dies before anything else of them is cleared up.
  const write = vi.spyOn(stores.sessions, 'write').mockRejectedValue(new Error('away'))
  await expect(access.deleteUser('alice')).rejects.toThrow('away')
  write.mockRestore()
  await access.users.create({ name: 'alice', role: 'admin' })
  expect(whoIs(id)).toBeUndefined()
  expect(() => access.authenticate({ authorization: `Bearer ${token}` })).toThrow(/owner/)
  await expect(access.login(code, {})).rejects.toMatchObject({ code: 'LoginLinkInvalid' })
  await expect(access.loginByPassword('alice', password, {})).rejects.toThrow()
})

test('deleting a user clears up their sessions, links and tokens', async () => {
  const { access, stores, aUser, whoIs } = await anAccess()
  const id = await aUser('alice')
  await access.tokens.create({ name: 'ci' }, whoIs(id)!.user)
  await access.createLoginLinkFor('alice')
  await access.deleteUser('alice')
  for (const store of Object.values(stores))
    expect((await store.read())?.text ?? '').not.toContain('alice')
})

test.each([
  ['deleted', { remove: true }],
  ['demoted', { role: 'operator' as const }],
  ['disabled', { disabled: true }],
])(
  'the last admin who ever signed in cannot be %s',
  async (
    _name,
    {
      remove,
      ...change
    }: {
      remove?: boolean
      role?: Role
      disabled?: boolean
    },
  ) => {
    const { access, byLink } = await anAccess()
    const act = () =>
      remove === true ? access.deleteUser('admin') : access.users.update('admin', change)
    await expect(act()).rejects.toMatchObject({ code: 'LastAdmin' })
    // One who holds a link that may expire is no successor yet.
    await access.users.create({ name: 'alice', role: 'admin' })
    await expect(act()).rejects.toMatchObject({ code: 'LastAdmin' })
    await byLink('alice')
    await act()
    await expect(access.deleteUser('alice')).rejects.toMatchObject({ code: 'LastAdmin' })
  },
)

test('before anybody signed in, the admin of the first login link stays', async () => {
  const { access } = await anAccess('{"users":[{"name":"admin","role":"admin","claimed":false}]}', {
    signsIn: false,
  })
  await access.users.create({ name: 'alice', role: 'operator' })
  await expect(access.deleteUser('admin')).rejects.toMatchObject({ code: 'LastAdmin' })
  await expect(access.firstLogin.offer('terminal')).resolves.toContain('/login?code=')
})

test('of two admins who delete each other at the same moment one stays', async () => {
  const { access, aUser } = await anAccess()
  await aUser('alice', 'admin')
  const ended = await Promise.allSettled([access.deleteUser('admin'), access.deleteUser('alice')])
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test.each(['alice', 'admin', 'anyone', 'agent', 'ticket'])('the name %s is taken', async (name) => {
  const { access, aUser } = await anAccess()
  await aUser('alice')
  await expect(access.users.create({ name, role: 'viewer' })).rejects.toMatchObject({
    code: 'UserExists',
  })
})

test('there is a bound on users, and a refused one changes nothing', async () => {
  const { access } = await anAccess()
  for (let i = 1; i < MAX_USERS; i++) await access.users.create({ name: `u${i}`, role: 'viewer' })
  await expect(access.users.create({ name: 'more', role: 'viewer' })).rejects.toMatchObject({
    code: 'TooManyUsers',
  })
  expect(access.users.list()).toHaveLength(MAX_USERS)
})

test('an admin may take a password away; only its user can set one', async () => {
  const { access, aUser } = await anAccess()
  await aUser('alice')
  const user = await access.users.update('alice', { password: null })
  expect(user).toMatchObject({ hasPassword: false })
  await expect(access.loginByPassword('alice', password, {})).rejects.toThrow()
})

test('the admin of an agent of old, and what it kept, still get in', async () => {
  const { access, byLink, whoIs } = await anAccess(
    '{"users":[{"name":"admin","role":"admin","claimed":true}]}',
  )
  const { id } = await byLink('admin')
  expect(whoIs(id)).toMatchObject({ name: 'admin', role: 'admin' })
  expect(access.users.list()).toMatchObject([{ name: 'admin', hasSignedIn: true }])
})

test('sessions are listed by what a person recognises, and none of it opens one', async () => {
  const { access, clock, byLink, cookieOf } = await anAccess()
  await access.users.create({ name: 'alice', role: 'viewer' })
  const arrival = { address: '10.0.0.7', userAgent: 'curl/8.5.0' }
  const { id } = await byLink('alice', arrival)
  await clock.advance(60_000)
  access.authenticate(cookieOf(id))
  const session = access.sessions.list().find(({ user }) => user === 'alice')
  expect(session).toMatchObject({
    ...arrival,
    createdAt: new Date(clock.now() - 60_000).toISOString(),
    lastUsedAt: new Date(clock.now()).toISOString(),
  })
  expect(access.authenticate(cookieOf(session?.id ?? ''))).toBeUndefined()
  expect(JSON.stringify(session)).not.toContain(id)
})

test('who signs in over and over ends their own sessions, never those of others', async () => {
  const { access, aUser, whoIs } = await anAccess()
  const bystander = await aUser('bob')
  const first = await aUser('alice')
  for (let i = 0; i < MAX_SESSIONS_PER_USER; i++) {
    await access.login(
      new URL((await access.createLoginLinkFor('alice')).url).searchParams.get('code') ?? '',
      {},
    )
  }
  expect(whoIs(first)).toBeUndefined()
  expect(whoIs(bystander)).toBeDefined()
})

test('no password is at rest', async () => {
  const { stores, aUser } = await anAccess()
  await aUser('alice')
  const atRest = await Promise.all(Object.values(stores).map((store) => store.read()))
  expect(JSON.stringify(atRest)).not.toContain(password)
})

test('who signs in or out is told of, and a first sign-in as a change of the user too', async () => {
  const { access, changes, cookieOf, byLink } = await anAccess()
  await access.users.create({ name: 'alice', role: 'viewer' })
  changes.length = 0
  const { id } = await byLink('alice')
  expect(changes).toEqual(['Sessions', 'Users'])
  await byLink('alice')
  expect(changes).toEqual(['Sessions', 'Users', 'Sessions'])
  changes.length = 0
  await access.logout(cookieOf(id))
  expect(changes).toEqual(['Sessions'])
  await access.logout(cookieOf(id))
  expect(await access.sessions.endWhere(() => false)).toBe(0)
  expect(changes).toEqual(['Sessions'])
  await access.deleteUser('alice')
  expect(changes).toEqual(['Sessions', 'Sessions'])
})
