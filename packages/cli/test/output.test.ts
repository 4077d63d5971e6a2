import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { fakeAgent } from './fake-agent.ts'
import { aPeer, anAgentStatus, anApp, readyAt } from './objects.ts'
import { run } from './run.ts'

const list = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteAppList' as const,
  items: [anApp('web', { conditions: [readyAt(1)], pods: ['web-1'] }), anApp('longer-name')],
}

async function listed(...format: string[]): Promise<string> {
  const agent = await fakeAgent({ listRemoteApps: () => list })
  const result = await run(['app', 'list', ...format], { agent })
  expect(result.code).toBe(0)
  return result.stdout
}

test('people get columns that line up', async () => {
  const [head = '', web = '', longer = ''] = (await listed()).split('\n')
  expect(head).toMatch(/^NAME +PEER +PHASE +READY +AGE$/)
  for (const title of ['PEER', 'PHASE', 'READY']) {
    const at = head.indexOf(title)
    expect([web[at - 1], longer[at - 1]]).toEqual([' ', ' '])
    expect([web[at], longer[at]]).not.toContain(' ')
  }
})

test('-o wide adds columns', async () => {
  expect(await listed('-o', 'wide')).toContain('porpulsion/hello')
})

test('-o json and -o yaml print the list as it came', async () => {
  expect(JSON.parse(await listed('-o', 'json'))).toEqual(list)
  expect(parse(await listed('-o', 'yaml'))).toEqual(list)
})

test('-o name prints what kubectl would call it', async () => {
  expect(await listed('-o', 'name')).toBe('remoteapp/web\nremoteapp/longer-name\n')
})

test('an empty list says so on stderr and nothing on stdout', async () => {
  const agent = await fakeAgent({
    listPeers: () => ({ apiVersion: 'v1', kind: 'PeerList', items: [] }),
  })
  const result = await run(['peer', 'list'], { agent })
  expect(result).toMatchObject({ code: 0, stdout: '' })
  expect(result.stderr).toContain('porpulsion invite create')
})

test('status for people names cluster, peers and apps', async () => {
  const agent = await fakeAgent({ getStatus: () => anAgentStatus })
  const { stdout } = await run(['status'], { agent, now: Date.parse('2026-01-01T01:30:00Z') })
  expect(stdout).toContain('home (version 0.1.0, up 90m)')
  expect(stdout).toContain('1 of 1 connected')
  expect(stdout).toContain('1 of 2 ready')
})

test('what a peer wrote cannot move the cursor or forge a line', async () => {
  const agent = await fakeAgent({
    getPeer: () => aPeer('b', { remoteName: 'x\u001b[2Jx\nName: a' }),
  })
  const { stdout } = await run(['peer', 'show', 'b'], { agent })
  expect(stdout).not.toContain('\u001b')
  expect(stdout.split('\n').filter((line) => line.startsWith('Name:'))).toHaveLength(1)
})

test('errors are red at a terminal, and plain where NO_COLOR or --no-color says so', async () => {
  const red = '\u001b[31m'
  expect((await run(['app', 'list'], { isTTY: true })).stderr).toContain(red)
  expect(
    (await run(['app', 'list'], { isTTY: true, env: { NO_COLOR: '1' } })).stderr,
  ).not.toContain(red)
  expect((await run(['app', 'list', '--no-color'], { isTTY: true })).stderr).not.toContain(red)
})
