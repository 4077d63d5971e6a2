import type { OwnIdentity } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { fakeAgent, type FakeHandlers } from './fake-agent.ts'
import { fingerprint } from './objects.ts'
import { run, type RunOptions } from './run.ts'

const next = 'cd'.repeat(32)

const anIdentity = (change: Partial<OwnIdentity> = {}): OwnIdentity => ({
  name: 'home',
  fingerprint,
  caCertificate: 'PEM',
  endsAt: '2036-01-01T00:00:00Z',
  stage: 'Settled',
  peers: [],
  ...change,
})

const announced = anIdentity({
  stage: 'Announced',
  since: '2026-01-01T00:00:00Z',
  next,
  peers: [
    { name: 'b', state: 'Knows' },
    { name: 'c', state: 'Waiting', message: 'It is away' },
  ],
})

/** What was asked for, and with which body. */
const rotate = (...argv: string[]) => rotateWith({}, ...argv)

async function rotateWith(options: RunOptions, ...argv: string[]) {
  const asked: unknown[] = []
  const handlers: FakeHandlers = {
    rotateIdentity: ({ body }) => {
      asked.push(body)
      return announced
    },
    cancelIdentityRotation: () => anIdentity(),
    forgetFormerIdentity: () => anIdentity({ fingerprint: next }),
  }
  const agent = await fakeAgent(handlers)
  const result = await run(['identity', 'rotate', ...argv], { agent, ...options })
  return { ...result, asked, requests: agent.requests }
}

test('rotate begins a renewal, and says how far it is and who is waited for', async () => {
  const { code, stdout, asked, requests } = await rotate()
  expect(code).toBe(0)
  expect(requests).toEqual(['POST /api/identity/rotation'])
  expect(asked).toEqual([{}])
  expect(stdout).toContain('announced: 1 of 2 peers know the new CA; nothing uses it yet')
  expect(stdout).toMatch(/c +Waiting +It is away/)
})

test('--dry-run makes nothing, and shows what peers said rather than wait for them', async () => {
  const { code, stdout, asked, requests } = await rotate('--dry-run', '--wait')
  expect(code).toBe(0)
  expect(asked).toEqual([{ dryRun: true }])
  expect(requests).toEqual(['POST /api/identity/rotation'])
  expect(stdout).toMatch(/b +Knows/)
})

describe('at a terminal', () => {
  test.each([
    [[], 'Renew the CA of this agent?', 'POST /api/identity/rotation'],
    [['--force'], 'it cannot be taken back', 'POST /api/identity/rotation'],
    [['--forget-former'], 'Erase the former key?', 'DELETE /api/identity/former'],
  ])(
    '%j is asked about: y does it, n and Ctrl-C leave everything',
    async (argv, words, request) => {
      const yes = await rotateWith({ keys: 'y' }, ...argv)
      expect(yes).toMatchObject({ code: 0, requests: [request] })
      expect(yes.stderr).toContain(words)
      for (const [keys, code] of [
        ['n', 2],
        ['\r', 2],
        ['\x03', 130],
      ] as const) {
        expect(await rotateWith({ keys }, ...argv)).toMatchObject({ code, requests: [] })
      }
      expect((await rotateWith({ keys: 'n' }, ...argv)).stderr).toContain('Nothing was changed')
    },
  )

  test.each([['--yes'], ['--dry-run'], ['--cancel']])('%s asks nothing', async (flag) => {
    const { code, requests, stderr } = await rotateWith({ keys: 'n' }, flag)
    expect({ code, requests: requests.length }).toEqual({ code: 0, requests: 1 })
    expect(stderr).not.toContain('?')
  })
})

test('--force asks for the new CA at once', async () => {
  expect(await rotate('--force', '-o', 'name')).toMatchObject({
    code: 0,
    stdout: 'identity/home\n',
    asked: [{ force: true }],
  })
})

test.each([
  ['--cancel', 'DELETE /api/identity/rotation', fingerprint],
  ['--forget-former', 'DELETE /api/identity/former', next],
])('%s begins no renewal', async (flag, request, shown) => {
  const { code, stdout, requests } = await rotate(flag, '-o', 'json')
  expect(code).toBe(0)
  expect(requests).toEqual([request])
  expect(JSON.parse(stdout)).toMatchObject({ fingerprint: shown, stage: 'Settled' })
})

test('two ways at once are refused before the agent is asked', async () => {
  const { code, stderr, requests } = await rotate('--force', '--cancel')
  expect(code).toBe(2)
  expect(stderr).toContain('Give one of --dry-run, --force, --cancel and --forget-former')
  expect(requests).toEqual([])
})

test('--wait tells each step, and shows the identity that came of it', async () => {
  const switched = {
    ...announced,
    stage: 'Switched' as const,
    fingerprint: next,
    former: fingerprint,
  }
  const states = [announced, switched]
  const agent = await fakeAgent({
    rotateIdentity: () => announced,
    getIdentity: () => states.shift() ?? anIdentity({ fingerprint: next }),
    streamEvents: () => [
      { type: 'changed', kind: 'Identity' },
      { type: 'changed', kind: 'Invites' },
      { type: 'changed', kind: 'Identity' },
    ],
  })
  const { code, stdout, stderr } = await run(['identity', 'rotate', '--wait', '-o', 'json'], {
    agent,
  })
  expect(code).toBe(0)
  expect(stderr).toContain('identity: announced: 1 of 2 peers know the new CA')
  expect(stderr).toContain('identity: switched: 1 of 2 peers know the new CA')
  expect(stderr).toContain('identity: done')
  expect(JSON.parse(stdout)).toMatchObject({ fingerprint: next, stage: 'Settled' })
})
