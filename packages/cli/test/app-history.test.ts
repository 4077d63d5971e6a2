import { PorpulsionError, type AppMetrics, type AppRevision } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { anApp } from './objects.ts'
import { run } from './run.ts'

const now = Date.parse('2026-01-02T00:00:00Z')
const aRevision = (revision: number, changed: string[], by?: string): AppRevision => ({
  revision,
  time: '2026-01-01T22:00:00Z',
  isCurrent: false,
  changed,
  spec: anApp('web').spec,
  ...(by !== undefined && { by }),
})
const revisions = [
  { ...aRevision(7, ['image'], 'alice'), isCurrent: true },
  aRevision(6, ['env[A].value', 'replicas']),
  aRevision(4, []),
]

async function agentWith(items: AppRevision[]) {
  const asked: number[] = []
  const agent = await fakeAgent({
    listRevisions: () => ({ items }),
    rollbackRemoteApp: ({ body }) => {
      asked.push(body.revision)
      return anApp('web')
    },
  })
  return { agent, asked }
}

test('history lists what changed, when and by whom, newest first', async () => {
  const { agent } = await agentWith(revisions)
  const { code, stdout } = await run(['app', 'history', 'web'], { agent, now })
  expect(code).toBe(0)
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['REVISION', 'AGE', 'BY', 'CHANGED'],
    ['7*', '120m', 'alice', 'image'],
    ['6', '120m', 'env[A].value, replicas'],
    ['4', '120m'],
    [''],
  ])
  const json = await run(['app', 'history', 'web', '-o', 'json'], { agent, now })
  expect(JSON.parse(json.stdout)).toEqual({ items: revisions })
})

test('rollback goes to the revision that is named, else to the one before', async () => {
  const { agent, asked } = await agentWith(revisions)
  const named = await run(['app', 'rollback', 'web', '--to', '4'], { agent })
  await run(['app', 'rollback', 'web'], { agent })
  expect(asked).toEqual([4, 6])
  expect(named.stderr).toContain('web shall be as it was in revision 4')
})

test('rollback without a number passes by what is the same as now', async () => {
  const { agent, asked } = await agentWith([
    aRevision(9, []),
    aRevision(7, ['image']),
    aRevision(6, []),
  ])
  await run(['app', 'rollback', 'web'], { agent })
  expect(asked).toEqual([6])
})

test('rollback of an app that never changed says so, and what to do', async () => {
  const { agent, asked } = await agentWith([aRevision(1, [])])
  const { code, stderr } = await run(['app', 'rollback', 'web'], { agent })
  expect(code).toBe(4)
  expect(stderr).toContain('nothing to go back to')
  expect(stderr).toContain('porpulsion app history NAME')
  expect(asked).toEqual([])
})

test.each(['0', 'three', '-1'])(
  'rollback --to %s is refused before anything is asked',
  async (to) => {
    const { agent } = await agentWith(revisions)
    const { code } = await run(['app', 'rollback', 'web', `--to=${to}`], { agent })
    expect(code).toBe(2)
    expect(agent.requests).toEqual([])
  },
)

const metrics: AppMetrics = {
  time: '2026-01-01T22:00:00Z',
  windowSeconds: 15,
  limits: { memory: '128Mi' },
  pods: [
    {
      name: 'web-1',
      cpu: '1234567n',
      memory: '20500Ki',
      containers: [{ name: 'app', cpu: '1234567n', memory: '20500Ki' }],
    },
  ],
}

test('top shows what each pod uses, beside its limit where it has one', async () => {
  const agent = await fakeAgent({ getAppMetrics: () => metrics })
  const { stdout } = await run(['app', 'top', 'web'], { agent })
  expect(stdout).toMatch(/^POD +CPU +MEMORY\nweb-1 +2m +21Mi of 128Mi\n$/)
  const json = await run(['app', 'top', 'web', '-o', 'json'], { agent })
  expect(JSON.parse(json.stdout)).toEqual(metrics)
})

test('top of an app that nobody measured yet says so, and of a cluster that cannot, what to install', async () => {
  const fresh = await fakeAgent({ getAppMetrics: () => ({ ...metrics, pods: [] }) })
  expect((await run(['app', 'top', 'web'], { agent: fresh })).stdout).toContain('up to a minute')
  const blind = await fakeAgent({
    getAppMetrics: () => {
      throw new PorpulsionError('FailedPrecondition', 'MetricsUnavailable', 'install it')
    },
  })
  const { code, stderr } = await run(['app', 'top', 'web'], { agent: blind })
  expect([code, stderr]).toEqual([4, expect.stringContaining('install it')])
})
