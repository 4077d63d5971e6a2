import type { AppCheck, Approval } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { run } from './run.ts'

const approval: Approval = {
  id: 'u1.abc',
  kind: 'App',
  state: 'Pending',
  peer: 'b',
  app: { namespace: 'porpulsion', name: 'web', uid: 'r1' },
  since: '2026-01-01T00:00:00Z',
  isUpdate: true,
  image: 'nginx:2',
}

test('list says what waits, and says so when nothing does', async () => {
  const agent = await fakeAgent({ listApprovals: () => ({ items: [approval] }) })
  const result = await run(['approval', 'list'], { agent })
  expect(result.stdout).toMatch(/u1\.abc +app web \(nginx:2\), an update +b +Pending/)
  const idle = await fakeAgent({ listApprovals: () => ({ items: [] }) })
  expect((await run(['approval', 'list'], { agent: idle })).stderr).toContain('Nothing waits')
})

test('show prints a diff: what goes, what comes', async () => {
  const differences = [
    { path: 'image', before: 'nginx:1', after: 'nginx:2' },
    { path: 'env[X].value', after: 'y' },
  ]
  const agent = await fakeAgent({ getApproval: () => ({ ...approval, differences }) })
  const result = await run(['approval', 'show', 'u1.abc'], { agent })
  expect(result.stdout).toContain('- image: nginx:1\n+ image: nginx:2\n+ env[X].value: y\n')
})

test.each(['approve', 'reject'] as const)('%s sends the note', async (verdict) => {
  let body: unknown
  const agent = await fakeAgent({
    [verdict]: (request: { readonly body: unknown }): Approval => {
      body = request.body
      return { ...approval, state: verdict === 'approve' ? 'Approved' : 'Rejected' }
    },
  })
  const result = await run(['approval', verdict, 'u1.abc', '--note', 'as agreed'], { agent })
  expect(result).toMatchObject({ code: 0 })
  expect(body).toEqual({ note: 'as agreed' })
  expect(result.stderr).toMatch(/(Approved|Rejected): app web .* of peer b/)
})

const check = (
  verdict: AppCheck['status']['verdict'],
  objections: AppCheck['status']['objections'],
): AppCheck => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'AppCheck',
  metadata: { name: 'web' },
  spec: { targetPeer: 'b', isUpdate: false },
  status: {
    verdict,
    objections,
    filledIn: [{ path: 'resources.limits.cpu', value: '1', setting: 'resources.defaults' }],
  },
})
const dryRun = ['app', 'deploy', 'web', '--image', 'x', '--peer', 'b', '--dry-run=peer']

test('a dry run prints every objection and what would be filled in, and fails', async () => {
  const objections = [
    { reason: 'ImageBlocked', message: 'Image x is on the block list' },
    { reason: 'TooManyReplicas', message: '9 replicas are more than 2' },
  ]
  const agent = await fakeAgent({ createRemoteApp: () => check('Refused', objections) })
  const result = await run(dryRun, { agent })
  expect(result.code).not.toBe(0)
  expect(result.stdout).toContain('b would refuse web. Nothing was made.')
  expect(result.stdout).toContain('ImageBlocked: Image x is on the block list')
  expect(result.stdout).toContain('TooManyReplicas: 9 replicas')
  expect(result.stdout).toContain('resources.limits.cpu: 1')
  expect(agent.requests).toEqual(['POST /api/remoteapps?dryRun=peer'])
})

test('a dry run that the peer would run ends well', async () => {
  const agent = await fakeAgent({ createRemoteApp: () => check('Accepted', []) })
  const result = await run(dryRun, { agent })
  expect(result).toMatchObject({ code: 0 })
  expect(result.stdout).toContain('b would run web')
})
