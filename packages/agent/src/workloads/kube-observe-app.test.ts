import {
  Annotation,
  GROUP_VERSION,
  type AppSpec,
  type ExecutingAppStatus,
} from '@porpulsion/contract'
import type { Deployment, KubeEvent, Pod, ReplicaSet } from '@porpulsion/kube'
import { FakeClock } from '@porpulsion/kube/testing'
import { describe, expect, test } from 'vitest'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { readyDeadlineMs, type AppObservation } from './kube-app-conditions.ts'
import { observeApp } from './kube-observe-app.ts'

const clock = new FakeClock()
const start = '2030-01-01T00:00:00Z'

function aRecord(
  change: {
    app?: Partial<AppSpec>
    generation?: number
    status?: ExecutingAppStatus
    acceptedAt?: string
    refused?: object
  } = {},
): StoredExecutingApp {
  return {
    apiVersion: GROUP_VERSION,
    kind: 'ExecutingApp',
    metadata: {
      name: 'web-hash',
      namespace: 'porpulsion-peer-a',
      uid: 'record',
      resourceVersion: '1',
      creationTimestamp: start,
      annotations: {
        [Annotation.AcceptedAt]: change.acceptedAt ?? start,
        ...(change.refused && { [Annotation.RefusedUpdate]: JSON.stringify(change.refused) }),
      },
    },
    spec: {
      peer: { name: 'a', fingerprint: 'f'.repeat(64) },
      submitter: {
        uid: 'uid',
        namespace: 'porpulsion',
        name: 'web',
        generation: change.generation ?? 1,
        epoch: 'e',
      },
      specHash: 'hash',
      policyRevision: 'rules',
      app: { image: 'x', replicas: 2, readyTimeoutSeconds: 60, ...change.app },
    },
    ...(change.status && { status: change.status }),
  }
}

const aDeployment = (
  ready: number,
  change: { replicas?: number; updated?: number; specHash?: string } = {},
): Deployment => ({
  metadata: {
    name: 'web-hash',
    generation: 3,
    annotations: { [Annotation.SpecHash]: change.specHash ?? 'hash', [Annotation.Generation]: '1' },
  },
  status: {
    observedGeneration: 3,
    replicas: change.replicas ?? 2,
    updatedReplicas: change.updated ?? 2,
    readyReplicas: ready,
  },
})

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

const aPod = (
  name: string,
  container: Partial<ContainerStatus>,
  status: Pod['status'] = {},
): Pod => ({
  metadata: { name, uid: `uid-${name}`, creationTimestamp: start },
  status: {
    phase: 'Running',
    containerStatuses: [
      { name: 'app', image: 'x', imageID: '', ready: false, restartCount: 0, ...container },
    ],
    ...status,
  },
})

const anInit = (name: string, status: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...status,
})

const observe = (change: Partial<AppObservation> = {}): ExecutingAppStatus =>
  observeApp(
    {
      record: aRecord(),
      deployment: aDeployment(2),
      replicaSets: [],
      pods: [],
      events: [],
      serviceName: 'web',
      deployProblem: undefined,
      lastLogLine: () => undefined,
      ...change,
    },
    clock,
  )

const ready = (status: ExecutingAppStatus) => status.conditions.find(({ type }) => type === 'Ready')

test('all replicas of this spec ready: Ready, with the time it first was', () => {
  expect(observe()).toMatchObject({
    phase: 'Ready',
    readyReplicas: 2,
    firstReadyTime: start,
    serviceName: 'web',
  })
  expect(ready(observe())).toMatchObject({
    status: 'True',
    reason: 'AllReplicasReady',
    message: '2 of 2 replicas are ready',
  })
})

test.each<[string, Deployment | undefined]>([
  ['a Deployment of an earlier spec', aDeployment(2, { specHash: 'older' })],
  ['replicas of an earlier spec beside the new ones', aDeployment(2, { replicas: 3 })],
  ['replicas that are all old', aDeployment(2, { updated: 0 })],
  [
    'a Deployment its controller has not looked at',
    { ...aDeployment(2), metadata: { ...aDeployment(2).metadata, generation: 4 } },
  ],
  ['no Deployment', undefined],
])('%s is not Ready', (_what, deployment) => {
  expect(ready(observe({ deployment }))?.status).toBe('False')
})

test('no replicas wanted and none there is Ready', () => {
  const status = observe({
    record: aRecord({ app: { replicas: 0 } }),
    deployment: aDeployment(0, { replicas: 0, updated: 0 }),
  })
  expect(status.phase).toBe('Ready')
  expect(ready(status)?.reason).toBe('ScaledToZero')
})

describe('why an app is not ready', () => {
  const crash = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } }
  const ended = { terminated: { exitCode: 1, reason: 'Error' } }
  test.each<[string, Partial<AppObservation>, string, string]>([
    [
      'a crash, with its last words',
      {
        pods: [aPod('p', { state: crash, lastState: ended, restartCount: 4 })],
        lastLogLine: () => 'connection refused',
      },
      'CrashLoopBackOff',
      'CrashLoopBackOff, exit 1: connection refused',
    ],
    [
      'a crash without a word',
      { pods: [aPod('p', { state: crash, lastState: ended })] },
      'CrashLoopBackOff',
      'CrashLoopBackOff, exit 1',
    ],
    [
      'an image',
      {
        pods: [
          aPod('p', { state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } } }),
        ],
      },
      'ErrImagePull',
      'ErrImagePull: no such image',
    ],
    [
      'memory',
      { pods: [aPod('p', { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })] },
      'OOMKilled',
      'OOMKilled, exit 137',
    ],
    [
      'memory, again and again',
      {
        pods: [
          aPod('p', {
            state: crash,
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          }),
        ],
      },
      'CrashLoopBackOff',
      'CrashLoopBackOff, exit 137 (OOMKilled)',
    ],
    [
      'an init container',
      {
        pods: [
          aPod(
            'p',
            { state: { waiting: { reason: 'PodInitializing' } } },
            {
              phase: 'Pending',
              initContainerStatuses: [
                anInit('done', { ready: true, state: { terminated: { exitCode: 0 } } }),
                anInit('fetch', { state: crash, lastState: ended }),
              ],
              containerStatuses: [],
            },
          ),
        ],
        lastLogLine: () => 'no route to host',
      },
      'CrashLoopBackOff',
      'CrashLoopBackOff: init container "fetch": exit 1: no route to host',
    ],
    [
      'a mount',
      {
        pods: [
          aPod('p', { state: { waiting: { reason: 'ContainerCreating' } } }, { phase: 'Pending' }),
        ].map((pod) => ({
          ...pod,
          status: {
            phase: 'Pending',
            containerStatuses: [
              anInit('app', { state: { waiting: { reason: 'ContainerCreating' } } }),
            ],
          },
        })),
        events: [anEvent('p', 'FailedMount', 'MountVolume.SetUp failed')],
      },
      'FailedMount',
      'FailedMount: MountVolume.SetUp failed',
    ],
    [
      'no room',
      {
        pods: [
          aPod(
            'p',
            {},
            {
              phase: 'Pending',
              containerStatuses: [],
              conditions: [
                {
                  type: 'PodScheduled',
                  status: 'False',
                  reason: 'Unschedulable',
                  message: '0/1 nodes',
                },
              ],
            },
          ),
        ],
      },
      'Unschedulable',
      'Unschedulable: 0/1 nodes',
    ],
    [
      'an eviction',
      { pods: [aPod('p', {}, { phase: 'Failed', reason: 'Evicted', message: 'disk' })] },
      'Evicted',
      'Evicted: disk',
    ],
    [
      'a probe',
      {
        pods: [aPod('p', { state: { running: {} } })],
        events: [anEvent('p', 'Unhealthy', 'Readiness probe failed: 500')],
      },
      'Unhealthy',
      'Unhealthy: Readiness probe failed: 500',
    ],
    [
      'a quota',
      { replicaSets: [aReplicaSet('FailedCreate', 'pods "web-x1" is forbidden: exceeded quota')] },
      'FailedCreate',
      'FailedCreate: Kubernetes refused its pods: exceeded quota',
    ],
    [
      'a start',
      { pods: [aPod('p', { state: { waiting: { reason: 'ContainerCreating' } } })] },
      'Starting',
      '1 of 2 replicas are ready',
    ],
  ])('%s', (_why, change, reason, message) => {
    expect(ready(observe({ deployment: aDeployment(1), ...change }))).toMatchObject({
      status: 'False',
      reason,
      message,
    })
  })

  test('the newest pod speaks for the app, and a word that is no reason is not used as one', () => {
    const old = aPod('old', { state: { waiting: { reason: 'ErrImagePull', message: 'old' } } })
    const young = aPod('young', { state: { waiting: { reason: 'Very odd!', message: 'young' } } })
    young.metadata = { ...young.metadata, creationTimestamp: '2030-01-01T00:05:00Z' }
    expect(ready(observe({ deployment: aDeployment(0), pods: [old, young] }))).toMatchObject({
      reason: 'PodProblem',
      message: 'PodProblem: Very odd!: young',
    })
  })

  test('attempts that Kubernetes refused alike are one event, told with the last of them', () => {
    const refused = (pod: string, before: string, lastTimestamp: string): KubeEvent => ({
      ...anEvent('web', 'FailedCreate', `${before}Error creating: pods "${pod}" is forbidden: no`),
      lastTimestamp,
      count: 3,
    })
    const { events } = observe({
      events: [
        refused('web-x1', '', '2030-01-01T00:00:01Z'),
        refused('web-x2', '(combined from similar events): ', '2030-01-01T00:00:09Z'),
        anEvent('web', 'FailedCreate', 'something else'),
      ],
    })
    expect(events).toHaveLength(2)
    expect(events).toContainEqual({
      type: 'Normal',
      reason: 'FailedCreate',
      message: 'Kubernetes refused a pod: no',
      object: 'Pod/web',
      count: 6,
      lastSeen: '2030-01-01T00:00:09Z',
    })
  })

  test('what Kubernetes refused is told as such', () => {
    const status = observe({ deployment: undefined, deployProblem: 'Kubernetes refused it: no' })
    expect(status).toMatchObject({ phase: 'Pending', message: 'Kubernetes refused it: no' })
    expect(status.conditions.find(({ type }) => type === 'Deployed')).toMatchObject({
      status: 'False',
      reason: 'DeployFailed',
    })
  })
})

describe('time to become ready', () => {
  test('counts from when the spec was accepted, then names the reason', async () => {
    const record = aRecord()
    const first = observe({ record, deployment: aDeployment(0) })
    await clock.advance(59_000)
    const pods = [aPod('p', { state: { waiting: { reason: 'ErrImagePull', message: 'gone' } } })]
    const late = { record: { ...record, status: first }, deployment: aDeployment(0), pods }
    expect(ready(observe(late))?.reason).toBe('ErrImagePull')
    await clock.advance(1_000)
    expect(ready(observe(late))).toMatchObject({
      reason: 'NotReadyInTime',
      message: 'Not ready after 60 s: ErrImagePull: gone',
    })
    expect(observe(late).phase).toBe('Failed')
    expect(observe({ ...late, deployment: aDeployment(1) }).phase).toBe('Degraded')
  })

  test('starts anew with a change, and when an app that was ready stops being so', async () => {
    const now = new Date(clock.now()).toISOString().replace('.000Z', 'Z')
    const lost = observe({ record: aRecord({ status: observe() }), deployment: aDeployment(1) })
    expect(ready(lost)?.reason).toBe('ReplicasLost')
    expect(lost.phase).toBe('Degraded')
    expect(readyDeadlineMs(aRecord({ status: lost }))).toBe(clock.now() + 60_000)
    await clock.advance(30_000)
    const changed = aRecord({ status: lost, acceptedAt: new Date(clock.now()).toISOString() })
    expect(readyDeadlineMs(changed)).toBe(Date.parse(now) + 90_000)
    expect(readyDeadlineMs(aRecord({ status: observe() }))).toBeUndefined()
  })
})

test('an update of what was ready is Updating, and its readiness is its own', () => {
  const before = observe()
  const updated = observe({
    record: aRecord({ generation: 2, status: before }),
    deployment: aDeployment(2, { replicas: 3, updated: 1 }),
  })
  expect(ready(updated)).toMatchObject({ reason: 'Updating', observedGeneration: 2 })
  expect(updated.firstReadyTime).toBeUndefined()
  expect(updated.phase).toBe('Running')
})

test('pods that replace each other after a restart are no loss while enough are ready', () => {
  const record = aRecord({ status: observe() })
  const surge = aDeployment(3, { replicas: 3, updated: 1, specHash: 'before the restart' })
  const status = observe({ record, deployment: surge })
  expect(status.phase).toBe('Ready')
  expect(ready(status)?.message).toBe('2 of 2 replicas are ready')

  const lost = observe({ record, deployment: aDeployment(1, { updated: 1 }) })
  expect(lost.phase).toBe('Degraded')
  expect(ready(lost)).toMatchObject({ reason: 'Updating', message: '1 of 2 replicas are ready' })
})

test.each([
  [{ replicas: 3, updated: 1 }, 3, '1 of 2 replicas are updated'],
  [{ replicas: 3, updated: 2 }, 3, '1 former replica is ending'],
  [{ replicas: 5, updated: 2 }, 2, '3 former replicas are ending'],
  [{ replicas: 3, updated: 1 }, 1, '1 of 2 replicas are ready'],
])('of an update %o with %i ready it says "%s"', (counts, readyReplicas, message) => {
  const record = aRecord({ generation: 2, status: observe() })
  const status = observe({ record, deployment: aDeployment(readyReplicas, counts) })
  expect(ready(status)).toMatchObject({ status: 'False', message })
})

test('restarts of init containers count too', () => {
  const pod = aPod(
    'p',
    {},
    {
      containerStatuses: [anInit('app', { restartCount: 1 })],
      initContainerStatuses: [anInit('fetch', { restartCount: 3 })],
    },
  )
  expect(observe({ pods: [pod] }).pods?.[0]?.restarts).toBe(4)
})

test('a refused update stands beside what runs', () => {
  const status = observe({
    record: aRecord({
      refused: { generation: 2, reason: 'TooManyReplicas', message: '9 are too many' },
    }),
  })
  expect(status.phase).toBe('Ready')
  expect(status.conditions.find(({ type }) => type === 'Accepted')).toMatchObject({
    status: 'False',
    reason: 'TooManyReplicas',
    observedGeneration: 2,
  })
})

test('pods and events are bounded in number and length', () => {
  const pods = Array.from({ length: 60 }, (_, index) =>
    aPod(`p${index}`, { state: { waiting: { reason: 'X', message: 'm'.repeat(5_000) } } }),
  )
  const events = Array.from({ length: 30 }, (_, index) =>
    anEvent(`p${index}`, 'Thing', 'm'.repeat(5_000)),
  )
  const status = observe({ pods, events, deployment: aDeployment(0) })
  expect(status.pods).toHaveLength(50)
  expect(status.events).toHaveLength(10)
  expect(JSON.stringify(status).length).toBeLessThan(70_000)
})

function anEvent(pod: string, reason: string, message: string): KubeEvent {
  return {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: pod, uid: `uid-${pod}` },
    reason,
    message,
    lastTimestamp: start,
  }
}

function aReplicaSet(reason: string, message: string): ReplicaSet {
  return {
    metadata: { name: 'rs' },
    status: {
      replicas: 0,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason, message }],
    },
  }
}
