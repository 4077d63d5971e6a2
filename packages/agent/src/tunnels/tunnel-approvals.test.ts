import { effectiveSettings } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { silent } from '../../test/support/dashboard.ts'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { FakeClock } from '@porpulsion/kube/testing'
import { MAX_TUNNELS_ASKED_PER_PEER } from './limits.ts'
import { createTunnelApprovals } from './tunnel-approvals.ts'

const b = { fingerprint: 'b'.repeat(64), name: 'b' }
const record = {
  name: 'web',
  namespace: 'porpulsion',
  peerFingerprint: b.fingerprint,
  ports: [{ port: 8080, protocol: 'TCP' }],
}
const web = { uid: 'uid-1', record }
const { signal } = new AbortController()

async function approvalsOn(
  store: ReturnType<typeof createMemoryDocumentStore>,
  clock = new FakeClock(),
) {
  const reasons: string[] = []
  const apps = new Set(['uid-1'])
  const approvals = createTunnelApprovals({
    store,
    targets: { find: (_fingerprint, uid) => (apps.has(uid) ? record : undefined) },
    settings: { current: () => effectiveSettings({ tunnels: { approvalTtlSeconds: 3_600 } }) },
    notify: ({ reason }) => {
      reasons.push(reason)
      return Promise.resolve()
    },
    clock,
    logger: silent,
  })
  onTestFinished(() => approvals.stop())
  await approvals.start(signal)
  return { approvals, reasons, clock, apps }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a browser that opens six connections asks once', async () => {
  const { approvals, reasons } = await approvalsOn(createMemoryDocumentStore())
  for (let i = 0; i < 6; i++) approvals.ask(b, web, 8080)
  await settled()
  approvals.ask(b, web, 8080)
  await settled()
  expect(approvals.list()).toMatchObject([
    { kind: 'Tunnel', state: 'Pending', peer: 'b', app: { name: 'web' }, port: 8080 },
  ])
  expect(reasons).toEqual(['ApprovalWaiting'])
  expect(approvals.stateOf(b.fingerprint, 'uid-1', 8080)).toBe('Pending')
  expect(approvals.stateOf(b.fingerprint, 'uid-1', 9090)).toBeUndefined()
})

test('an approval holds for its port until it runs out, across restarts', async () => {
  const store = createMemoryDocumentStore()
  const { approvals, clock } = await approvalsOn(store)
  approvals.ask(b, web, 8080)
  await settled()
  const [{ id } = { id: '' }] = approvals.list()
  expect(await approvals.decide(id, { approved: true, by: 'olga' }, signal)).toMatchObject({
    state: 'Approved',
    by: 'olga',
  })
  const again = await approvalsOn(store, clock)
  expect(again.approvals.stateOf(b.fingerprint, 'uid-1', 8080)).toBe('Approved')

  let changes = 0
  again.approvals.onChange(() => changes++)
  await clock.advance(3_600_000)
  expect(again.approvals.stateOf(b.fingerprint, 'uid-1', 8080)).toBeUndefined()
  expect(changes).toBeGreaterThan(0)
})

test('a rejection is not put before the owner again while it holds', async () => {
  const { approvals, reasons } = await approvalsOn(createMemoryDocumentStore())
  approvals.ask(b, web, 8080)
  await settled()
  const [{ id } = { id: '' }] = approvals.list()
  await approvals.decide(id, { approved: false, by: 'olga', note: 'no' }, signal)
  approvals.ask(b, web, 8080)
  await settled()
  expect(reasons).toHaveLength(1)
  expect(approvals.stateOf(b.fingerprint, 'uid-1', 8080)).toBe('Rejected')
})

test('a peer that asks for everything is told to wait, and fills nobody’s queue', async () => {
  const { approvals } = await approvalsOn(createMemoryDocumentStore())
  const askAll = async (): Promise<void> => {
    for (let port = 1; port <= 1_000; port++) {
      approvals.ask(b, web, port)
      await settled()
    }
  }
  await expect(askAll()).rejects.toMatchObject({ code: 'TooManyApprovals' })
  expect(approvals.list()).toHaveLength(MAX_TUNNELS_ASKED_PER_PEER)
})

test('what waits for an app that is gone is forgotten', async () => {
  const { approvals, apps } = await approvalsOn(createMemoryDocumentStore())
  approvals.ask(b, web, 8080)
  await settled()
  apps.delete('uid-1')
  apps.add('uid-2')
  approvals.ask(b, { uid: 'uid-2', record }, 8080)
  await settled()
  expect(approvals.list().map(({ app }) => app.uid)).toEqual(['uid-2'])
})

test('ids of others are not its own to decide', async () => {
  const { approvals } = await approvalsOn(createMemoryDocumentStore())
  expect(await approvals.decide('app-1', { approved: true, by: 'x' }, signal)).toBeUndefined()
  expect(await approvals.show('app-1', signal)).toBeUndefined()
})
