import type { Approval, Notification, Peer, RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { attentionOf, type AttentionLists } from './attention.ts'

const calm: AttentionLists = {
  peers: [],
  remoteApps: [],
  approvals: [],
  violations: [],
  notifications: [],
}
const aPeer = (
  name: string,
  {
    confirmed = true,
    ...status
  }: Partial<NonNullable<Peer['status']>> & { confirmed?: boolean } = {},
): Peer => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'Peer',
  metadata: { name },
  spec: { caCertificate: '', confirmed },
  status: { link: 'Connected', confirmedByPeer: true, conditions: [], ...status },
})
const anApp = (name: string, phase: NonNullable<RemoteApp['status']>['phase']): RemoteApp => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name, namespace: 'shop' },
  spec: { image: 'nginx', targetPeer: 'b' },
  status: {
    phase,
    conditions: [],
    replicas: 1,
    readyReplicas: 0,
    updatedReplicas: 1,
    message: `${name} says why`,
  },
})
const anApproval = (extra: Partial<Approval> = {}): Approval => ({
  id: 'x1',
  kind: 'App',
  state: 'Pending',
  peer: 'b',
  app: { namespace: 'shop', name: 'web', uid: 'u' },
  since: '2030-01-01T12:00:00Z',
  ...extra,
})
const told = (reason: string, extra: Partial<Notification> = {}): Notification => ({
  id: reason,
  time: '2030-01-01T12:00:00Z',
  reason,
  message: 'as it was told',
  severity: 'warning',
  count: 1,
  ...extra,
})
const titles = (lists: Partial<AttentionLists>): readonly string[] =>
  attentionOf({ ...calm, ...lists }).map(({ title }) => title)

test('where all is well there is nothing to attend to', () => {
  const peers = [aPeer('b')]
  const remoteApps = [anApp('web', 'Ready'), anApp('api', 'Running')]
  expect(attentionOf({ ...calm, peers, remoteApps })).toEqual([])
})

test('a peer that waits for us comes with the button that compares words', () => {
  expect(attentionOf({ ...calm, peers: [aPeer('b', { confirmed: false })] })).toMatchObject([
    {
      tone: 'ask',
      actions: [
        { kind: 'confirm', peer: 'b' },
        { kind: 'openPeer', peer: 'b' },
      ],
    },
  ])
})

test('a link that is down says why, and what of the apps behind it', () => {
  const peers = [aPeer('b', { link: 'Disconnected', linkMessage: 'Nothing answers.' })]
  const remoteApps = [anApp('web', 'Unknown'), anApp('api', 'Unknown')]
  expect(attentionOf({ ...calm, peers, remoteApps })).toMatchObject([
    {
      title: 'The link to b is down',
      text: 'Nothing answers. What is shown of 2 apps there is as last heard.',
    },
  ])
})

test('what waits for a decision is reviewed, whatever it is', () => {
  expect(
    titles({
      approvals: [
        anApproval(),
        anApproval({ id: 'x2', isUpdate: true }),
        anApproval({ id: 'x3', kind: 'Tunnel', port: 8080 }),
        anApproval({ id: 'x4', state: 'Rejected' }),
      ],
    }),
  ).toEqual(['b asks to run web', 'b asks to change web', 'b asks to reach port 8080 of web'])
})

test('an app that failed offers its logs; one that was rejected never had any', () => {
  const entries = attentionOf({
    ...calm,
    remoteApps: [anApp('web', 'Failed'), anApp('api', 'Rejected')],
  })
  expect(entries.map(({ actions }) => actions.map(({ kind }) => kind))).toEqual([
    ['logs', 'openApp'],
    ['openApp'],
  ])
})

test('of a thousand apps that failed the first few are named and the others counted', () => {
  const remoteApps = Array.from({ length: 1_000 }, (_app, index) => anApp(`app-${index}`, 'Failed'))
  const entries = attentionOf({ ...calm, remoteApps })
  expect(entries).toHaveLength(5)
  expect(entries.at(-1)).toMatchObject({
    title: '996 more apps failed',
    actions: [{ kind: 'listApps', phase: 'Failed' }],
  })
})

test('what is asked comes first, then what is bad, then what is not as it should be', () => {
  expect(
    titles({
      peers: [aPeer('c', { confirmedByPeer: false })],
      remoteApps: [anApp('slow', 'Degraded'), anApp('web', 'Failed')],
      approvals: [anApproval()],
    }),
  ).toEqual([
    'b asks to run web',
    'web failed at b',
    'slow is degraded at b',
    'c has not confirmed us yet',
  ])
})

test('a notification of what is shown anyway is not shown twice', () => {
  const about = { kind: 'RemoteApp' as const, namespace: 'shop', name: 'web' }
  expect(
    titles({
      peers: [aPeer('b', { link: 'Disconnected' })],
      remoteApps: [anApp('web', 'Failed')],
      notifications: [
        told('LinkLost', { about: { kind: 'Peer', name: 'b' } }),
        told('AppNotReadyInTime', { about }),
        told('ApprovalWaiting'),
      ],
    }),
  ).toEqual(['The link to b is down', 'web failed at b'])
})

test('a notification that nothing else shows stands until it is acknowledged or over', () => {
  const clock = told('ClockDiffers', { about: { kind: 'Peer', name: 'b' } })
  expect(attentionOf({ ...calm, notifications: [clock] })).toMatchObject([
    {
      title: 'Clock differs: b',
      actions: [
        { kind: 'openPeer', peer: 'b' },
        { kind: 'acknowledge', notification: 'ClockDiffers' },
      ],
    },
  ])
  const time = '2030-01-01T13:00:00Z'
  expect(titles({ notifications: [{ ...clock, acknowledgedAt: time }] })).toEqual([])
  expect(titles({ notifications: [{ ...clock, resolvedAt: time }] })).toEqual([])
})

test('apps that break the rules as they are now are one entry', () => {
  const violation = {
    namespace: 'porpulsion-peer-1',
    name: 'web',
    uid: 'u',
    peer: 'b',
    app: 'web',
    objections: [{ reason: 'ImageBlocked', message: 'nginx is blocked' }],
  }
  expect(attentionOf({ ...calm, violations: [violation, violation] })).toMatchObject([
    {
      title: '2 apps break the rules as they are now',
      text: 'web of b and 1 more: nginx is blocked',
    },
  ])
})
