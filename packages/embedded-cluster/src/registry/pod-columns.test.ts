import { expect, test } from 'vitest'
import { podColumns } from './pod-columns.ts'
import type { Stored } from './registry.ts'

const nowMs = Date.parse('2030-01-02T03:10:00Z')
const aMinuteAgo = '2030-01-02T03:09:00Z'

const done = { state: { terminated: { exitCode: 0, reason: 'Completed' } } }
const failed = { state: { terminated: { exitCode: 1, reason: 'Error' } } }
const running = { ready: true, state: { running: {} } }
const waitingFor = (reason: string, restartCount = 0) => ({
  restartCount,
  state: { waiting: { reason } },
  ...(restartCount > 0 && { lastState: { terminated: { finishedAt: aMinuteAgo } } }),
})

interface Given {
  readonly init?: readonly object[]
  readonly containers?: readonly object[]
  readonly phase?: string
  readonly deletionTimestamp?: string
  readonly ready?: boolean
}

/** Ready, Status and Restarts of a pod. */
function shown({ init = [], containers = [], phase, deletionTimestamp, ready }: Given): string {
  const pod: Stored = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: aMinuteAgo,
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    ...{
      spec: { initContainers: init, containers: containers.length > 0 ? containers : [{}] },
      status: {
        phase: phase ?? 'Pending',
        initContainerStatuses: init,
        containerStatuses: containers,
        conditions: [{ type: 'Ready', status: ready === true ? 'True' : 'False' }],
      },
    },
  }
  return podColumns.cells(pod, nowMs).slice(1, 4).join(' | ')
}

const initializing = waitingFor('PodInitializing')

test.each<readonly [string, Given]>([
  ['0/1 | Pending | 0', {}],
  ['0/1 | Init:0/2 | 0', { init: [initializing, initializing], containers: [initializing] }],
  ['0/1 | Init:1/2 | 0', { init: [done, { state: { running: {} } }], containers: [initializing] }],
  ['0/1 | Init:Error | 0', { init: [failed], containers: [initializing] }],
  [
    '0/1 | Init:CrashLoopBackOff | 3 (60s ago)',
    { init: [waitingFor('CrashLoopBackOff', 3)], containers: [initializing] },
  ],
  [
    '0/1 | Init:ErrImagePull | 0',
    { init: [waitingFor('ErrImagePull')], containers: [initializing] },
  ],
  ['0/1 | PodInitializing | 0', { init: [done], containers: [initializing] }],
  ['1/1 | Running | 0', { init: [done], containers: [running], phase: 'Running' }],
  ['0/1 | CrashLoopBackOff | 2 (60s ago)', { containers: [waitingFor('CrashLoopBackOff', 2)] }],
  ['1/2 | Running | 0', { containers: [done, running], phase: 'Running', ready: true }],
  ['1/2 | NotReady | 0', { containers: [done, running], phase: 'Running' }],
  [
    '1/3 | Error | 0',
    { containers: [running, failed, waitingFor('ErrImagePull')], phase: 'Running' },
  ],
  ['1/1 | Terminating | 0', { containers: [running], deletionTimestamp: aMinuteAgo }],
  [
    '0/1 | Completed | 0',
    { containers: [done], phase: 'Succeeded', deletionTimestamp: aMinuteAgo },
  ],
])('%s', (line, given) => {
  expect(shown(given)).toBe(line)
})
