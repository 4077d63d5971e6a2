import type { ObservedAppStatus, PodSummary } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { CALM_MS, crashLoopOf } from './crash-loop.ts'

const nowMs = Date.parse('2026-01-01T12:00:00Z')

const pod = (fields: Partial<PodSummary> = {}): PodSummary => ({
  name: 'web-1',
  phase: 'Running',
  ready: true,
  restarts: 0,
  ...fields,
})

const status = (
  ready: 'True' | 'False' | 'Unknown',
  pods: PodSummary[],
  readyForMs = 0,
): ObservedAppStatus => ({
  replicas: pods.length,
  readyReplicas: 0,
  updatedReplicas: 0,
  pods,
  conditions: [
    {
      type: 'Ready',
      status: ready,
      reason: 'Any',
      message: '',
      lastTransitionTime: new Date(nowMs - readyForMs).toISOString(),
    },
  ],
})

test('a pod that waits to be started again is told with its last words', () => {
  const crashed = pod({
    ready: false,
    restarts: 3,
    reason: 'CrashLoopBackOff',
    message: 'CrashLoopBackOff, exit 1: no database',
  })
  expect(crashLoopOf(status('False', [pod(), crashed]), nowMs)).toEqual({
    kind: 'looping',
    message: 'CrashLoopBackOff, exit 1: no database (pod web-1, 3 restarts)',
  })
})

test.each([
  ['nothing is known', undefined],
  ['it is between two crashes', status('False', [pod({ ready: false, restarts: 3 })])],
  ['it has not been ready for long', status('True', [pod({ restarts: 3 })], CALM_MS - 1)],
  [
    'what is known is of before the link went',
    status('Unknown', [pod({ ready: false, reason: 'CrashLoopBackOff' })]),
  ],
])('while %s, nothing is decided', (_when, known) => {
  expect(crashLoopOf(known, nowMs)).toEqual({ kind: 'undecided' })
})

test.each([
  ['it has been ready for long', status('True', [pod({ restarts: 3 })], CALM_MS)],
  ['other pods took the place of those', status('True', [pod()])],
  ['it was scaled to nothing', status('True', [])],
  ['it was stopped', status('False', [])],
])('it is over when %s', (_when, known) => {
  expect(crashLoopOf(known, nowMs)).toEqual({ kind: 'over' })
})
