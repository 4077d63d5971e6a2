import type { AppPhase, Condition, RemoteApp, RemoteAppStatus } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { noticeOf, remainsOf, retainedBy } from './notice.ts'

const time = '2026-01-01T00:00:00Z'
const condition = (
  type: string,
  status: Condition['status'],
  reason: string,
  message = '',
): Condition => ({ type, status, reason, message, lastTransitionTime: time })
const deployed = condition('Deployed', 'True', 'Deployed')

const app = (
  phase: AppPhase,
  conditions: readonly Condition[] = [],
  status: Partial<RemoteAppStatus> = {},
): RemoteApp => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { image: 'nginx', targetPeer: 'b' },
  status: {
    phase,
    conditions: [...conditions],
    replicas: 1,
    readyReplicas: 0,
    updatedReplicas: 1,
    ...status,
  },
})
const current = { kind: 'current' } as const
const goneBy = (one: RemoteApp): RemoteApp => ({
  ...one,
  metadata: { ...one.metadata, deletionTimestamp: time },
})

test('an app that is as it shall be needs no words', () => {
  expect(noticeOf(app('Ready', [deployed]), current)).toBeUndefined()
})

test('a refusal quotes the rule and its limit, and says how to fit it', () => {
  const refused = condition('Accepted', 'False', 'TooManyReplicas', '5 is over 3')
  const notice = noticeOf(app('Rejected', [refused]), current)
  expect(notice).toMatchObject({
    tone: 'bad',
    title: 'Refused by the rules of b',
    reason: 'TooManyReplicas',
    says: '5 is over 3',
    steps: ['edit'],
  })
  expect(notice?.means).toContain('resources.maxReplicasPerApp')
  expect(notice?.todo).toMatch(/^Ask for fewer replicas, or ask the owner of b/)
})

test('a reason nobody here knows is quoted all the same', () => {
  const refused = condition('Accepted', 'False', 'NewRule', 'no')
  expect(noticeOf(app('Rejected', [refused]), current)?.means).toBe('Nothing of it runs.')
})

test('a refused change says that what ran before goes on', () => {
  const refused = condition('Accepted', 'False', 'ImageBlocked', 'no')
  const notice = noticeOf(app('Ready', [refused, deployed]), current)
  expect(notice?.title).toBe('The last change was refused')
  expect(notice?.means).toContain('What ran before goes on.')
})

test('what waits for approval says since when, and who has to say yes', () => {
  const waits = condition('Approved', 'False', 'ApprovalPending', 'waits')
  expect(noticeOf(app('PendingApproval', [waits]), current)).toMatchObject({
    tone: 'ask',
    title: 'Waits for approval at b',
    since: time,
  })
})

test('a rejection by a person is told apart from one by a rule', () => {
  const rejected = condition('Approved', 'False', 'ApprovalRejected', 'not today')
  expect(noticeOf(app('Rejected', [rejected]), current)).toMatchObject({
    title: 'b rejected it',
    says: 'not today',
  })
})

test('when the link is down, it says from when things are, and the way to the peer', () => {
  const stale = { kind: 'stale', asOf: time, why: 'link down' } as const
  expect(noticeOf(app('Ready', [deployed]), stale)).toMatchObject({
    title: 'The link to b is down',
    asOf: time,
    steps: ['peer'],
  })
})

test('a deletion that waits lists what may remain, and offers not to wait', () => {
  const waiting = { deletion: { waitingSince: time, message: 'b is away' } }
  expect(noticeOf(goneBy(app('Deleting', [], waiting)), current)).toMatchObject({
    title: 'Deletion waits for b',
    since: time,
    remains: ['Deployment web with its pod'],
    steps: ['force', 'peer'],
  })
  expect(noticeOf(goneBy(app('Deleting')), current)?.steps).toEqual([])
})

test('pods that ended lead to the logs of the run before', () => {
  const pods = [{ name: 'p', phase: 'Running', ready: false, restarts: 3 }]
  expect(noticeOf(app('Failed', [], { pods }), current)?.steps).toContain('previous logs')
  expect(noticeOf(app('Failed'), current)?.steps).toContain('logs')
})

test('what goes with an app is what was made for it; storage that is retained stays', () => {
  const one = app('Ready')
  const spec: RemoteApp['spec'] = {
    ...one.spec,
    replicas: 2,
    ports: [{ port: 80 }],
    secrets: [{ name: 'keys', mountPath: '/etc/keys' }],
    pvcs: [
      { name: 'cache', mountPath: '/cache', storage: '1Gi' },
      { name: 'data', mountPath: '/data', storage: '2Gi', retain: true },
    ],
  }
  expect(remainsOf({ ...one, spec })).toEqual([
    'Deployment web with its 2 pods',
    'Service web',
    'Secret keys',
    'Storage cache (1Gi) with its data',
  ])
  expect(retainedBy({ ...one, spec })).toEqual(['Storage data (2Gi)'])
})
