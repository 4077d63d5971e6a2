import { encodeInviteBundle, PorpulsionError } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent, type FakeHandlers } from './fake-agent.ts'
import { aPeer, fingerprint, words } from './objects.ts'
import { run } from './run.ts'

const bundle = encodeInviteBundle({
  url: 'http://a.example.com',
  name: 'a',
  fingerprint,
  id: 'abcdefgh',
  secret: 'x'.repeat(43),
  expiresAt: '2026-01-01T01:00:00Z',
})

function redeeming(calls: Record<string, unknown>): FakeHandlers {
  return {
    addPeer: ({ body }) => {
      calls['added'] = body
      return aPeer('a', {}, false)
    },
    confirmPeer: ({ params, body }) => {
      calls['confirmed'] = { ...params, ...body }
      return aPeer('a')
    },
    getPeer: () => aPeer('a', {}, calls['confirmed'] !== undefined),
    streamEvents: () => [],
  }
}

test('an invite from stdin is redeemed, the words are shown, and confirming is left to a person', async () => {
  const calls: Record<string, unknown> = {}
  const agent = await fakeAgent(redeeming(calls))
  const result = await run(['peer', 'add', '-'], { agent, stdin: `${bundle}\n` })
  expect(result).toMatchObject({ code: 0, stdout: '' })
  expect(calls).toEqual({ added: { bundle } })
  expect(result.stderr).toContain(words)
  expect(result.stderr).toContain('porpulsion peer confirm a')
})

test('--yes confirms the very fingerprint that was shown', async () => {
  const calls: Record<string, unknown> = {}
  const agent = await fakeAgent(redeeming(calls))
  const argv = ['peer', 'add', '-', '--as', 'a', '--yes', '--wait', '-o', 'name']
  const result = await run(argv, { agent, stdin: bundle })
  expect(result).toMatchObject({ code: 0, stdout: 'peer/a\n' })
  expect(calls).toEqual({ added: { bundle, as: 'a' }, confirmed: { name: 'a', fingerprint } })
  expect(result.stderr).toContain('a: linked')
})

test('an invite on the command line is refused, because it would stay in the history', async () => {
  const agent = await fakeAgent({})
  const result = await run(['peer', 'add', bundle], { agent })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('does not belong on the command line')
  expect(agent.requests).toEqual([])
})

test('a bundle that was cut is told before anybody is asked', async () => {
  const agent = await fakeAgent({})
  const result = await run(['peer', 'add', '-'], { agent, stdin: bundle.slice(0, -3) })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('[BundleInvalid]')
  expect(agent.requests).toEqual([])
})

test('confirming without anybody to compare words needs a fingerprint or --yes', async () => {
  const calls: Record<string, unknown> = {}
  const agent = await fakeAgent(redeeming(calls))
  const refused = await run(['peer', 'confirm', 'a'], { agent })
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(words)
  expect(calls).toEqual({})
  const spaced = fingerprint.toUpperCase().replace(/(.{4})/g, '$1 ')
  const confirmed = await run(['peer', 'confirm', 'a', '--fingerprint', spaced], { agent })
  expect(confirmed.code).toBe(0)
  expect(calls).toEqual({ confirmed: { name: 'a', fingerprint } })
})

test('remove passes on what shall become of the apps', async () => {
  const agent = await fakeAgent({
    getPeer: () => aPeer('a'),
    removePeer: () => ({ name: 'a', deletedExecutingApps: 0, forgottenRemoteApps: 2 }),
  })
  const argv = ['peer', 'remove', 'a', '--executing-apps', 'keep', '--remote-apps', 'forget']
  const result = await run(argv, { agent })
  expect(result.code).toBe(0)
  expect(agent.requests).toContain('DELETE /api/peer/a?executingApps=keep&remoteApps=forget')
  expect(result.stderr).toContain('2 of our records forgotten')
})

test('remove asks at a terminal, and a no leaves the peer', async () => {
  const agent = await fakeAgent({
    getPeer: () => aPeer('a'),
    removePeer: () => ({ name: 'a', deletedExecutingApps: 0, forgottenRemoteApps: 0 }),
  })
  const no = await run(['peer', 'remove', 'a'], { agent, keys: 'n' })
  expect(no).toMatchObject({ code: 2, stdout: '' })
  expect(no.stderr).toContain('"a" was not removed')
  expect(agent.requests.filter((request) => request.startsWith('DELETE'))).toEqual([])
  expect(await run(['peer', 'remove', 'a'], { agent, keys: 'y' })).toMatchObject({ code: 0 })
  expect(agent.requests.filter((request) => request.startsWith('DELETE'))).toHaveLength(1)
})

test('invite create prints the bundle alone on stdout', async () => {
  const agent = await fakeAgent({
    createInvite: ({ body }) => {
      expect(body).toEqual({ expiresInSeconds: 900, autoConfirm: true })
      return {
        id: 'abcdefgh',
        createdAt: '2026-01-01T00:00:00Z',
        createdBy: 'admin',
        expiresAt: '2026-01-01T00:15:00Z',
        autoConfirm: true,
        bundle,
      }
    },
  })
  const now = Date.parse('2026-01-01T00:00:00Z')
  const result = await run(['invite', 'create', '--expires', '15m', '--auto-confirm'], {
    agent,
    now,
  })
  expect(result).toMatchObject({ code: 0, stdout: `${bundle}\n` })
  expect(result.stderr).toContain('within 15m')
})

test('a token is shown once, alone on stdout', async () => {
  const agent = await fakeAgent({
    createToken: ({ body }) => ({
      id: '1',
      name: body.name,
      role: body.role ?? 'viewer',
      createdAt: '2026-01-01T00:00:00Z',
      token: 'porp_secret',
    }),
  })
  const result = await run(['token', 'create', 'ci', '--role', 'operator'], { agent })
  expect(result).toMatchObject({ code: 0, stdout: 'porp_secret\n' })
})

const now = Date.parse('2026-01-02T00:00:00Z')
const changes = Array.from({ length: 12 }, (_, i) => ({
  time: new Date(now - (12 - i) * 3_600_000).toISOString(),
  state: i % 2 === 0 ? ('Connected' as const) : ('Disconnected' as const),
  ...(i % 2 === 1
    ? { message: `reason ${i}` }
    : { transport: 'wss' as const, direction: 'inbound' as const }),
}))
const withLink: FakeHandlers = {
  getPeer: () => aPeer('b'),
  getPeerLink: () => ({
    state: 'Connected',
    since: '2026-01-01T23:00:00Z',
    sessionSince: '2026-01-01T23:30:00Z',
    receivedBytes: 5 * 1024 * 1024,
    sentBytes: 900,
    openStreams: 2,
    protocolVersion: 1,
    certificates: {
      ca: { notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' },
      peerLeaf: { notAfter: '2026-01-02T20:00:00Z' },
    },
  }),
  getPeerHistory: () => ({ intervalSeconds: 60, changes, samples: [] }),
}

test('show tells of session, traffic, certificates, and when the link was lost', async () => {
  const agent = await fakeAgent(withLink)
  const { stdout } = await run(['peer', 'show', 'b'], { agent, now })
  expect(stdout).toMatch(/^Session: +up for 30m, protocol 1, 2 open streams$/m)
  expect(stdout).toMatch(/^Received: +5\.0 MiB$/m)
  expect(stdout).toMatch(/^Sent: +900 B$/m)
  expect(stdout).toMatch(/^Its certificate ends: +2026-01-02 20:00 UTC \(in 20h\)$/m)
  expect(stdout).toMatch(/^Its identity ends: +2036-01-01 00:00 UTC \(in \d+d\)$/m)
  expect(stdout).not.toContain('Our certificate')
  expect(stdout).toMatch(/^60m +Disconnected +reason 11\n120m +Connected +wss, inbound$/m)
  expect(stdout).toContain('4 earlier changes')
})

test('as JSON show stays the object it is, and asks for nothing else', async () => {
  const agent = await fakeAgent(withLink)
  const { stdout } = await run(['peer', 'show', 'b', '-o', 'json'], { agent, now })
  expect(JSON.parse(stdout)).toEqual(aPeer('b'))
  expect(agent.requests).toEqual(['GET /api/peer/b'])
})

test('a peer that has no link is shown without one', async () => {
  const notFound = (): never => {
    throw new PorpulsionError('NotFound', 'PeerNotFound', 'There is no link')
  }
  const agent = await fakeAgent({ getPeer: () => aPeer('b'), getPeerLink: notFound })
  const { code, stdout } = await run(['peer', 'show', 'b'], { agent, now })
  expect(code).toBe(0)
  expect(stdout).toContain('Name:')
  expect(stdout).not.toContain('Session')
})
