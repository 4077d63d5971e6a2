import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeAgent, fakeToken } from './fake-agent.ts'
import { anAgentStatus } from './objects.ts'
import { run, temporaryDirectory } from './run.ts'

const admin = { user: 'admin', role: 'admin', via: 'token' } as const

async function emptyConfig(): Promise<string> {
  return join(await temporaryDirectory(), 'deeper', 'config.yaml')
}

test('login with a token makes a context that only its owner can read', async () => {
  const config = await emptyConfig()
  const agent = await fakeAgent({ getSession: () => admin, getStatus: () => anAgentStatus })
  const result = await run(['login', `${agent.url}/`], { config, stdin: `${fakeToken}\n` })
  expect(result).toMatchObject({ code: 0, stdout: '' })
  expect(result.stderr).toContain('Signed in to "home" as admin')
  expect((await stat(config)).mode & 0o077).toBe(0)
  const listed = await run(['context', 'list', '-o', 'json'], { config })
  expect(JSON.parse(listed.stdout)).toEqual({
    items: [{ name: 'home', url: agent.url, current: true }],
  })
  expect(await readFile(config, 'utf8')).toContain(fakeToken)
})

test('of many that sign in at once none is lost, and no lock stays', async () => {
  const config = await emptyConfig()
  const agent = await fakeAgent({ getSession: () => admin, getStatus: () => anAgentStatus })
  const names = Array.from({ length: 8 }, (_, i) => `agent-${i}`)
  const login = (name: string) =>
    run(['login', agent.url, '--as', name], { config, stdin: fakeToken })
  const results = await Promise.all(names.map(login))
  expect(results.map(({ code }) => code)).toEqual(names.map(() => 0))
  const listed = await run(['context', 'list', '-o', 'name'], { config })
  expect(listed.stdout.trim().split('\n')).toEqual(names.map((name) => `context/${name}`))
  expect(await readdir(dirname(config))).toEqual(['config.yaml'])
})

test('a lock that a command left behind when it died holds nobody up', async () => {
  const config = await emptyConfig()
  const agent = await fakeAgent({ getSession: () => admin, getStatus: () => anAgentStatus })
  await mkdir(dirname(config))
  await writeFile(`${config}.lock`, '')
  await utimes(`${config}.lock`, new Date(0), new Date(0))
  const result = await run(['login', agent.url], { config, stdin: fakeToken })
  expect(result.code).toBe(0)
  expect(await readdir(dirname(config))).toEqual(['config.yaml'])
})

test('login with a link leaves a token of its own and no session', async () => {
  const config = await emptyConfig()
  let asked: { name: string; role?: string } | undefined
  const agent = await fakeAgent({
    login: ({ body }) => {
      expect(body.code).toBe('once')
      return { ...admin, via: 'session' }
    },
    createToken: ({ body, headers }) => {
      asked = body
      expect(headers.cookie).toBe('porpulsion-12345678=session')
      expect(headers.origin).toBe(agent.url)
      return {
        id: '1',
        name: body.name,
        role: 'admin',
        createdAt: '2026-01-01T00:00:00Z',
        token: fakeToken,
      }
    },
    logout: () => undefined,
    getSession: () => admin,
    getStatus: () => anAgentStatus,
  })
  const result = await run(['login', `${agent.url}/login?code=once`, '--as', 'work'], { config })
  expect(result.code).toBe(0)
  expect(asked).toMatchObject({ role: 'admin' })
  expect(agent.requests).toContain('POST /api/logout')
  expect((await run(['context', 'list', '-o', 'name'], { config })).stdout).toBe('context/work\n')
})

test('login without a URL prints a link for a browser', async () => {
  const url = 'http://home/login?code=once'
  const agent = await fakeAgent({
    createLoginLink: () => ({ url, expiresAt: '2026-01-01T00:15:00Z' }),
  })
  const result = await run(['login'], { agent, now: Date.parse('2026-01-01T00:00:00Z') })
  expect(result).toEqual({ code: 0, stdout: `${url}\n`, stderr: 'It signs in once, within 15m.\n' })
})

test.each(['', 'example.com', 'ftp://example.com'])('login %j is refused', async (address) => {
  const result = await run(['login', address])
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('is not the URL of an agent')
})

test('a wrong token makes no context', async () => {
  const config = await emptyConfig()
  const agent = await fakeAgent({})
  expect((await run(['login', agent.url], { config, stdin: 'wrong' })).code).toBe(3)
  expect((await run(['context', 'list', '-o', 'json'], { config })).stdout).toContain('"items": []')
})

test('use changes the current context, --context goes before it', async () => {
  const config = await emptyConfig()
  const [one, two] = [
    await fakeAgent({
      getSession: () => admin,
      getStatus: () => ({ ...anAgentStatus, name: 'one' }),
    }),
    await fakeAgent({
      getSession: () => admin,
      getStatus: () => ({ ...anAgentStatus, name: 'two' }),
    }),
  ]
  for (const { url } of [one, two]) await run(['login', url], { config, stdin: fakeToken })
  const nameOf = async (...argv: string[]): Promise<string> =>
    (await run([...argv, 'status', '-o', 'name'], { config })).stdout
  expect(await nameOf()).toBe('agent/two\n')
  expect(await nameOf('--context', 'one')).toBe('agent/one\n')
  expect((await run(['context', 'use', 'one'], { config })).code).toBe(0)
  expect(await nameOf()).toBe('agent/one\n')
  const missing = await run(['context', 'use', 'three'], { config })
  expect(missing.code).toBe(4)
  expect(missing.stderr).toContain('there are: one, two')
})

test('version works without an agent', async () => {
  const result = await run(['version', '-o', 'json'])
  expect(result.code).toBe(0)
  expect(JSON.parse(result.stdout)).toMatchObject({
    client: expect.stringMatching(/^\d+\./) as string,
  })
})
