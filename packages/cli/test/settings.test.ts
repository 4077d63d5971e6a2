import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { run } from './run.ts'

const view = {
  revision: 'r2',
  document: { images: { block: ['evil'] } },
  effective: { inbound: { enabled: true }, images: { allow: [], block: ['evil'] }, peers: {} },
}

async function patchFrom(...argv: string[]): Promise<unknown> {
  let patch: unknown
  const agent = await fakeAgent({
    patchSettings: ({ body }) => {
      patch = body
      return view
    },
    listViolations: () => ({ items: [] }),
  })
  const result = await run(['settings', 'set', ...argv], { agent })
  expect(result).toMatchObject({ code: 0, stdout: '' })
  expect(result.stderr).toContain('r2')
  return patch
}

test('set makes one merge patch of its assignments', async () => {
  expect(
    await patchFrom(
      'images.block=["docker.io/evil/**"]',
      'images.allow=null',
      'inbound.enabled=false',
      'resources.maxPerPod.memory=512Mi',
      'resources.maxReplicasPerApp=3',
      'peering.outerCaFile=',
    ),
  ).toEqual({
    images: { block: ['docker.io/evil/**'], allow: null },
    inbound: { enabled: false },
    resources: { maxPerPod: { memory: '512Mi' }, maxReplicasPerApp: 3 },
    peering: { outerCaFile: '' },
  })
})

test('--peer sets it for that peer alone', async () => {
  expect(await patchFrom('images.block=["x"]', '--peer', 'b')).toEqual({
    peers: { b: { images: { block: ['x'] } } },
  })
})

test.each([
  [[], 'PATH=VALUE'],
  [['images.block'], 'takes NAME=VALUE'],
  [['images..block=1'], 'is not the path of a setting'],
  [['images.block=["x"'], 'cannot be read'],
])('set %j is refused', async (argv, message) => {
  const result = await run(['settings', 'set', ...argv], { agent: await fakeAgent({}) })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(message)
})

test('a whole document is checked here before it replaces the rules', async () => {
  const agent = await fakeAgent({
    putSettings: () => view,
    listViolations: () => ({ items: [] }),
  })
  const wrong = await run(['settings', 'set', '-f', '-'], {
    agent,
    stdin: 'inbound: {enabledd: true}',
  })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('inbound.enabledd: unknown field')
  const right = await run(['settings', 'set', '-f', '-'], {
    agent,
    stdin: 'inbound: {enabled: yes}',
  })
  expect(right.code).toBe(0)
  expect(agent.requests).toEqual(['PUT /api/settings', 'GET /api/settings/violations'])
})

test('get prints the rules in force, or one of them', async () => {
  const agent = await fakeAgent({ getSettings: () => view })
  expect((await run(['settings', 'get'], { agent })).stdout).toContain('enabled: true')
  expect((await run(['settings', 'get', 'images.block', '-o', 'json'], { agent })).stdout).toBe(
    '[\n  "evil"\n]\n',
  )
  expect((await run(['settings', 'get', '--document'], { agent })).stdout).not.toContain('inbound')
  const unknown = await run(['settings', 'get', 'images.colour'], { agent })
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('[SettingUnknown]')
})

const violation = {
  namespace: 'porpulsion-peer-b',
  name: 'web-1',
  uid: 'u1',
  peer: 'b',
  app: 'web',
  objections: [{ reason: 'ImageBlocked', message: 'Image evil is on the block list' }],
}

test('who makes a rule that running apps break is told so', async () => {
  const agent = await fakeAgent({
    patchSettings: () => view,
    listViolations: () => ({ items: [violation] }),
  })
  const result = await run(['settings', 'set', 'images.block=["evil"]'], { agent })
  expect(result.stderr).toContain('1 app that runs here breaks them')
  expect(result.stderr).toContain('porpulsion settings violations')
})

test('violations lists them, and stops them only when told to', async () => {
  const agent = await fakeAgent({
    listViolations: () => ({ items: [violation] }),
    stopViolations: () => ({ items: [violation] }),
  })
  const listed = await run(['settings', 'violations'], { agent })
  expect(listed.stdout).toMatch(/web +b +ImageBlocked +Image evil is on the block list/)
  expect(listed.stderr).toContain('--stop')
  expect(agent.requests).toEqual(['GET /api/settings/violations'])
  const stopped = await run(['settings', 'violations', '--stop'], { agent })
  expect(stopped.stderr).toContain('Stopped.')
  expect(agent.requests).toContain('POST /api/settings/violations/stop')
})
