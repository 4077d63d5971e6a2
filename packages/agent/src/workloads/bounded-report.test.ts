import type { StatusReport } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { boundedReport } from './bounded-report.ts'

const long = 'x'.repeat(100_000)
const aCondition = (type: string, message = '') => ({
  type,
  status: 'True' as const,
  reason: long,
  message,
  lastTransitionTime: '',
})

test('what a host says is cut to what fits an object, and conditions we do not know are left out', () => {
  const report: StatusReport = {
    bootId: 'b',
    sequence: 1,
    specHash: '',
    generation: 1,
    statusHash: '',
    policyRevision: '',
    status: {
      conditions: [aCondition('Ready', 'first'), aCondition('Ready', long), aCondition('Invented')],
      replicas: 1,
      readyReplicas: 1,
      updatedReplicas: 1,
      serviceName: long,
      pods: Array.from({ length: 500 }, () => ({
        name: long,
        phase: long,
        ready: true,
        restarts: 0,
        reason: long,
        message: long,
      })),
      events: Array.from({ length: 500 }, () => ({
        type: long,
        reason: long,
        message: long,
        object: long,
        count: 1,
        lastSeen: '',
      })),
    },
  }
  const { status } = boundedReport(report)
  expect(status.conditions.map(({ type }) => type)).toEqual(['Ready'])
  expect(status.pods).toHaveLength(50)
  expect(status.events).toHaveLength(10)
  expect(JSON.stringify(status).length).toBeLessThan(150_000)
})
