import {
  GROUP_VERSION,
  type Condition,
  type RemoteApp,
  type RemoteAppStatus,
} from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { isSameStatus, remoteAppStatus, type RemoteAppKnowledge } from './kube-remote-app-status.ts'
import { emptyRecord, type HostVerdict, type ReceivedReport } from './submission-record.ts'

const clock = new FakeClock()
const hash = 'f'.repeat(64)

const anApp = (
  change: { generation?: number; deleting?: boolean; status?: RemoteAppStatus } = {},
): RemoteApp => ({
  apiVersion: GROUP_VERSION,
  kind: 'RemoteApp',
  metadata: {
    name: 'web',
    namespace: 'porpulsion',
    uid: 'uid-web',
    generation: change.generation ?? 1,
    ...(change.deleting && { deletionTimestamp: '2030-01-01T00:00:00Z' }),
  },
  spec: { targetPeer: 'b', image: 'porpulsion/hello' },
  ...(change.status && { status: change.status }),
})

const verdict = (change: Partial<HostVerdict> = {}): HostVerdict => ({
  specHash: hash,
  verdict: 'Accepted',
  reason: 'Accepted',
  message: '',
  policyRevision: 'rules',
  ...change,
})

const aReport = (
  ready: Partial<Condition>,
  change: { generation?: number; specHash?: string } = {},
): ReceivedReport => ({
  receivedAtMs: clock.now(),
  report: {
    bootId: 'boot',
    sequence: 7,
    specHash: change.specHash ?? hash,
    generation: change.generation ?? 1,
    statusHash: 'e'.repeat(64),
    policyRevision: 'rules',
    status: {
      observedGeneration: change.generation ?? 1,
      replicas: 1,
      readyReplicas: ready.status === 'True' ? 1 : 0,
      updatedReplicas: 1,
      conditions: [
        condition('Accepted', 'True'),
        condition('Approved', 'True', 'NotRequired'),
        condition('Deployed', 'True'),
        { ...condition('Ready', 'False', 'Starting', 'Waiting for pods'), ...ready },
      ],
    },
  },
})

const condition = (
  type: string,
  status: Condition['status'],
  reason = type,
  message = '',
): Condition => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: '2030-01-01T00:00:00Z',
})

const status = (knowledge: Partial<RemoteAppKnowledge>): RemoteAppStatus =>
  remoteAppStatus(
    {
      app: anApp(),
      specHash: hash,
      record: emptyRecord,
      obstacle: undefined,
      isStale: false,
      deletion: undefined,
      ...knowledge,
    },
    clock,
  )

const find = (of: RemoteAppStatus, type: string): Condition | undefined =>
  of.conditions.find((one) => one.type === type)

const readyApp = (): RemoteAppStatus =>
  status({
    record: { verdict: verdict(), report: aReport({ status: 'True', reason: 'AllReplicasReady' }) },
  })
const linkDown = { reason: 'LinkDown', message: 'The link to peer "b" is down since noon' }

test('an app nobody was told of yet is Pending, with every condition present', () => {
  const fresh = status({})
  expect(fresh.phase).toBe('Pending')
  expect(fresh.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'Accepted=Unknown',
    'Approved=Unknown',
    'Deployed=Unknown',
    'Ready=Unknown',
    'Synced=False',
  ])
})

test('an app that its host could not take says why, before it says that nothing was reported', () => {
  const failure = {
    reason: 'NamespaceMissing',
    message: 'Peer "b" could not take it: no namespace',
  }
  expect(status({ record: { ...emptyRecord, failure } }).message).toBe(failure.message)
  const judged = { verdict: verdict(), report: aReport({ status: 'True' }), failure }
  expect(status({ record: judged }).message).not.toBe(failure.message)
})

test('a ready app says so, with when that arrived and from which boot', () => {
  expect(readyApp()).toMatchObject({
    phase: 'Ready',
    readyReplicas: 1,
    observedGeneration: 1,
    observedAt: '2030-01-01T00:00:00Z',
    hostBootId: 'boot',
    hostSequence: '7',
    hostStatusHash: 'e'.repeat(64),
  })
  expect(find(readyApp(), 'Synced')?.status).toBe('True')
})

test('a refusal is told in the words of the host, marked as theirs', () => {
  const refused = status({
    record: {
      verdict: verdict({
        verdict: 'Refused',
        reason: 'ImageBlocked',
        message: 'Image x is on the block list',
      }),
    },
  })
  expect(refused.phase).toBe('Rejected')
  expect(refused.message).toBe('Peer "b" refused it: Image x is on the block list')
  expect(find(refused, 'Accepted')).toMatchObject({
    status: 'False',
    reason: 'ImageBlocked',
    observedGeneration: 1,
  })
})

test('a refused update leaves what runs, and says why for its generation', () => {
  const updated = status({
    app: anApp({ generation: 2, status: readyApp() }),
    specHash: 'a'.repeat(64),
    record: {
      verdict: verdict({
        specHash: 'a'.repeat(64),
        verdict: 'Refused',
        reason: 'TooManyReplicas',
        message: '9 are too many',
      }),
      report: aReport({ status: 'True' }),
    },
  })
  expect(updated.phase).toBe('Ready')
  expect(updated.message).toContain('9 are too many')
  expect(find(updated, 'Accepted')).toMatchObject({ status: 'False', observedGeneration: 2 })
  expect(find(updated, 'Ready')).toMatchObject({ status: 'True', observedGeneration: 1 })
})

test('a generation that changes nothing of the content is as good as observed', () => {
  const same = status({
    app: anApp({ generation: 5 }),
    record: { verdict: verdict(), report: aReport({ status: 'True' }) },
  })
  expect(same.observedGeneration).toBe(5)
  expect(find(same, 'Ready')?.observedGeneration).toBe(5)
})

test('when the link goes, nothing stays green: it says how it was, and since when it is not known', () => {
  const lost = status({
    app: anApp({ status: readyApp() }),
    record: { verdict: verdict(), report: aReport({ status: 'True' }) },
    obstacle: linkDown,
    isStale: true,
  })
  expect(lost.phase).toBe('Unknown')
  expect(lost.message).toBe(
    'Was Ready as of 2030-01-01T00:00:00Z. The link to peer "b" is down since noon',
  )
  expect(find(lost, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'LinkDown' })
  expect(find(lost, 'Synced')).toMatchObject({ status: 'False', reason: 'LinkDown' })
  expect(lost.readyReplicas).toBe(1)
})

test('a short break of the link changes the phase of nothing', () => {
  const blink = status({
    app: anApp({ status: readyApp() }),
    record: { verdict: verdict(), report: aReport({ status: 'True' }) },
    obstacle: linkDown,
  })
  expect(blink.phase).toBe('Ready')
  expect(find(blink, 'Synced')?.status).toBe('False')
})

test('an agent that restarts while the link is down still says how the app was', () => {
  const lost = status({
    app: anApp({ status: readyApp() }),
    record: { report: aReport({ status: 'True' }) },
    obstacle: linkDown,
    isStale: true,
  })
  const restarted = status({ app: anApp({ status: lost }), obstacle: linkDown, isStale: true })
  expect(restarted.phase).toBe('Unknown')
  expect(restarted.message).toBe(lost.message)
  expect(restarted.hostStatusHash).toBeUndefined()
  const linked = status({ app: anApp({ status: restarted }), record: { verdict: verdict() } })
  expect(linked.phase).toBe('Unknown')
  const told = status({
    app: anApp({ status: linked }),
    record: { verdict: verdict(), report: aReport({ status: 'True' }) },
  })
  expect(told.phase).toBe('Ready')
})

test('a report that says nothing new is not worth a write, and the receipt time stays', async () => {
  const before = readyApp()
  await clock.advance(60_000)
  const report = aReport({ status: 'True', reason: 'AllReplicasReady' })
  const later = { ...report, report: { ...report.report, sequence: 8 } }
  const after = status({
    app: anApp({ status: before }),
    record: { verdict: verdict(), report: later },
  })
  expect(after.observedAt).toBe(before.observedAt)
  expect(isSameStatus(before, after)).toBe(true)
  const other = status({
    app: anApp({ status: before }),
    record: { verdict: verdict(), report: aReport({ status: 'False' }) },
  })
  expect(isSameStatus(before, other)).toBe(false)
  expect(other.observedAt).not.toBe(before.observedAt)
})

test('deletion that waits says for whom and since when', () => {
  const waiting = status({
    app: anApp({ deleting: true, status: readyApp() }),
    obstacle: linkDown,
    isStale: true,
    deletion: {
      waitingSince: '2030-01-01T00:00:00Z',
      message: 'Deleting, waiting for peer b since …',
    },
  })
  expect(waiting.phase).toBe('Deleting')
  expect(waiting.message).toBe('Deleting, waiting for peer b since …')
  expect(waiting.deletion?.waitingSince).toBe('2030-01-01T00:00:00Z')
})

test('a spec that cannot be submitted is Rejected with the field', () => {
  const invalid = status({ obstacle: { reason: 'InvalidSpec', message: 'spec.env[0]: has both' } })
  expect(invalid.phase).toBe('Rejected')
  expect(invalid.message).toBe('spec.env[0]: has both')
})
