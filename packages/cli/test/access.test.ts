import { PorpulsionError, type AuditEntry, type User } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { run } from './run.ts'

const now = Date.parse('2026-01-02T00:00:00.000Z')
const alice: User = {
  name: 'alice',
  role: 'operator',
  disabled: false,
  hasPassword: false,
  hasSignedIn: false,
  createdAt: '2026-01-01T00:00:00.000Z',
}

test('user create prints nothing but the link to hand over', async () => {
  const agent = await fakeAgent({
    createUser: ({ body }) => ({
      ...alice,
      ...body,
      loginUrl: 'http://localhost:8000/login?code=abc',
      loginUrlExpiresAt: '2026-01-03T00:00:00.000Z',
    }),
  })
  const result = await run(['user', 'create', 'alice', 'operator'], { agent, now })
  expect(result).toMatchObject({ code: 0, stdout: 'http://localhost:8000/login?code=abc\n' })
  expect(result.stderr).toContain('Hand it to alice: it signs in once, within 24h')
})

test('a role that is none is refused before anybody is asked', async () => {
  const agent = await fakeAgent({})
  for (const argv of [
    ['user', 'create', 'alice', 'king'],
    ['user', 'set-role', 'alice', 'king'],
  ])
    expect((await run(argv, { agent })).code).toBe(2)
  expect(agent.requests).toEqual([])
})

test('user list shows who may do what, and who never came', async () => {
  const agent = await fakeAgent({
    listUsers: () => ({
      items: [alice, { ...alice, name: 'bob', disabled: true, hasPassword: true }],
    }),
  })
  const { stdout } = await run(['user', 'list'], { agent, now })
  expect(
    stdout
      .trim()
      .split(/\n/)
      .map((line) => line.split(/ {3,}/)),
  ).toEqual([
    ['NAME', 'ROLE', 'STATE', 'PASSWORD', 'AGE'],
    ['alice', 'operator', 'never signed in', 'none', '24h'],
    ['bob', 'operator', 'disabled', 'set', '24h'],
  ])
})

test.each([
  [['set-role', 'alice', 'viewer'], { role: 'viewer' }],
  [['disable', 'alice'], { disabled: true }],
  [['enable', 'alice'], { disabled: false }],
  [['remove-password', 'alice'], { password: null }],
])('user %j changes that alone', async (argv, change) => {
  const seen: unknown[] = []
  const agent = await fakeAgent({
    updateUser: ({ params, body }) => {
      seen.push([params, body])
      return alice
    },
  })
  expect((await run(['user', ...argv], { agent })).code).toBe(0)
  expect(seen).toEqual([[{ name: 'alice' }, change]])
})

test('the last admin stays, and the command says why', async () => {
  const agent = await fakeAgent({
    deleteUser: () => {
      throw new PorpulsionError('FailedPrecondition', 'LastAdmin', 'Make somebody else admin first')
    },
  })
  const { code, stderr } = await run(['user', 'delete', 'admin'], { agent })
  expect(code).toBe(4)
  expect(stderr).toContain('LastAdmin')
})

test('session revoke ends one, or all of a user, and asks which when neither is named', async () => {
  const agent = await fakeAgent({
    endSession: () => undefined,
    endSessions: () => ({ ended: 2 }),
  })
  expect((await run(['session', 'revoke', 'ab12'], { agent })).code).toBe(0)
  const all = await run(['session', 'revoke', '--user', 'alice'], { agent })
  expect(all.stderr).toContain('2 sessions of alice ended')
  expect((await run(['session', 'revoke'], { agent })).code).toBe(2)
  expect((await run(['session', 'revoke', 'ab12', '--user', 'alice'], { agent })).code).toBe(2)
  expect(agent.requests).toEqual(['DELETE /api/session/ab12', 'DELETE /api/sessions?user=alice'])
})

const entry: AuditEntry = {
  id: 'run-1',
  time: '2026-01-01T23:59:00.000Z',
  actor: 'peer/b',
  action: 'putApp',
  about: 'app/web',
  outcome: 'refused',
  reason: 'ImageBlocked',
  count: 9,
}

test('audit list asks with every filter, and prints who did what', async () => {
  const agent = await fakeAgent({ listAudit: () => ({ items: [entry] }) })
  const argv =
    'audit list --since 1h --actor peer/b --action putApp --about app/web --outcome refused --peer b'
  const { stdout } = await run([...argv.split(' '), '--limit', '5'], { agent, now })
  const { searchParams } = new URL(agent.requests[0]?.split(' ')[1] ?? '', 'http://agent')
  expect(Object.fromEntries(searchParams)).toEqual({
    since: '2026-01-01T23:00:00.000Z',
    actor: 'peer/b',
    action: 'putApp',
    about: 'app/web',
    outcome: 'refused',
    peer: 'b',
    limit: '5',
  })
  expect(stdout).toContain('refused: ImageBlocked (9 times more)')
  const json = await run(['audit', 'list', '-o', 'json'], { agent, now })
  expect(JSON.parse(json.stdout)).toEqual({ items: [entry] })
})

test('audit list --follow prints each entry once, oldest first, until it is told to stop', async () => {
  const abort = new AbortController()
  const answers = [
    [{ ...entry, id: 'run-2' }, entry],
    [
      { ...entry, id: 'run-3' },
      { ...entry, id: 'run-2' },
    ],
  ]
  const agent = await fakeAgent({
    listAudit: () => {
      const items = answers.shift()
      if (items !== undefined) return { items }
      abort.abort()
      return { items: [] }
    },
  })
  const { code, stdout } = await run(['audit', 'list', '-f', '-o', 'json'], {
    agent,
    now,
    signal: abort.signal,
  })
  expect(code).toBe(130)
  const ids = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as AuditEntry).id)
  expect(ids).toEqual(['run-1', 'run-2', 'run-3'])
}, 15_000)

test('set-password asks for the password before it uses the link, and needs a whole one', async () => {
  const agent = await fakeAgent({})
  for (const link of ['abc', 'http://localhost:8000', 'ftp://x/login?code=abc'])
    expect((await run(['user', 'set-password', link], { agent, stdin: 'x' })).code).toBe(2)
  expect(agent.requests).toEqual([])
})
