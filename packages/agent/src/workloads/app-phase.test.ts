import fc from 'fast-check'
import { appPhases, type AppConditionType, type Condition } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { appPhase, type PhaseInput } from './app-phase.ts'

type Given = Partial<Record<AppConditionType, Condition['status'] | [Condition['status'], string]>>

const anInput = (given: Given, rest: Partial<PhaseInput> = {}): PhaseInput => ({
  isDeleting: false,
  isStale: false,
  readyReplicas: 0,
  conditions: Object.entries(given).map(([type, value]) => {
    const [status, reason] = typeof value === 'string' ? [value, 'Reason'] : value
    return { type, status, reason }
  }),
  ...rest,
})

const accepted: Given = { Accepted: 'True', Approved: 'True' }
const deployed: Given = { ...accepted, Deployed: 'True' }
const late: Given = { ...deployed, Ready: ['False', 'NotReadyInTime'] }

test.each<[string, PhaseInput, string]>([
  ['nothing is known yet', anInput({}), 'Pending'],
  ['it is accepted and nothing runs yet', anInput({ ...accepted, Deployed: 'False' }), 'Pending'],
  [
    'its pods start',
    anInput({ ...deployed, Ready: 'False' }, { pods: [{ phase: 'Pending' }] }),
    'Pending',
  ],
  [
    'a pod runs and is not ready',
    anInput({ ...deployed, Ready: 'False' }, { pods: [{ phase: 'Running' }] }),
    'Running',
  ],
  [
    'some replicas are ready',
    anInput({ ...deployed, Ready: 'False' }, { readyReplicas: 1 }),
    'Running',
  ],
  ['all are ready', anInput({ ...deployed, Ready: 'True' }, { readyReplicas: 2 }), 'Ready'],
  ['none are wanted', anInput({ ...deployed, Ready: ['True', 'ScaledToZero'] }), 'Ready'],
  [
    'one stopped being ready',
    anInput({ ...deployed, Ready: 'False' }, { readyReplicas: 1, firstReadyTime: 't' }),
    'Degraded',
  ],
  [
    'all stopped being ready',
    anInput({ ...deployed, Ready: 'False' }, { firstReadyTime: 't' }),
    'Degraded',
  ],
  ['time is up and some are ready', anInput(late, { readyReplicas: 1 }), 'Degraded'],
  ['time is up and none is ready', anInput(late), 'Failed'],
  ['time is up after it was ready once', anInput(late, { firstReadyTime: 't' }), 'Failed'],
  ['it was refused', anInput({ Accepted: 'False' }), 'Rejected'],
  ['it waits for approval', anInput({ Accepted: 'True', Approved: 'False' }), 'PendingApproval'],
  ['an update was refused', anInput({ ...deployed, Accepted: 'False', Ready: 'True' }), 'Ready'],
  [
    'an update waits for approval',
    anInput({ ...deployed, Approved: 'False', Ready: 'True' }),
    'Ready',
  ],
  ['the link is down', anInput({ ...deployed, Ready: 'True' }, { isStale: true }), 'Unknown'],
  [
    'a refused app cannot be asked about',
    anInput({ Accepted: 'False' }, { isStale: true }),
    'Unknown',
  ],
  [
    'it is being deleted while the link is down',
    anInput(deployed, { isStale: true, isDeleting: true }),
    'Deleting',
  ],
])('when %s, the phase says so', (_when, input, phase) => {
  expect(appPhase(input)).toBe(phase)
})

const status = fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const)
const reason = fc.constantFrom('Starting', 'NotReadyInTime', 'CrashLoopBackOff')
const anyInput: fc.Arbitrary<PhaseInput> = fc
  .record({
    isDeleting: fc.boolean(),
    isStale: fc.boolean(),
    readyReplicas: fc.nat(3),
    conditions: fc.tuple(
      ...['Accepted', 'Approved', 'Deployed', 'Ready', 'Synced'].map((type) =>
        fc.option(fc.record({ type: fc.constant(type), status, reason }), { nil: undefined }),
      ),
    ),
    pods: fc.array(fc.record({ phase: fc.constantFrom('Pending', 'Running') }), { maxLength: 2 }),
    firstReadyTime: fc.option(fc.constant('t'), { nil: undefined }),
  })
  .map(({ conditions, firstReadyTime, ...rest }) => ({
    ...rest,
    conditions: conditions.filter((condition) => condition !== undefined),
    ...(firstReadyTime !== undefined && { firstReadyTime }),
  }))

test('whatever is observed, there is a phase, and it is green only for what is ready and current', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const phase = appPhase(input)
      expect(appPhases).toContain(phase)
      if (phase !== 'Ready') return
      expect(input.isStale || input.isDeleting).toBe(false)
      expect(input.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'True' }),
      )
    }),
  )
})
