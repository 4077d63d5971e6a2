import type { StatusReport } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { Submissions, type SubmittedApp } from './submissions.ts'

const anApp = (change: Partial<SubmittedApp> = {}): SubmittedApp => ({
  uid: 'web',
  specHash: 'spec',
  isDeleting: false,
  shownStatusHash: undefined,
  shownPosition: undefined,
  ...change,
})

const aReport = (sequence: number, change: Partial<StatusReport> = {}): StatusReport => ({
  bootId: 'one',
  sequence,
  specHash: 'spec',
  generation: 1,
  statusHash: `status-${sequence}`,
  policyRevision: 'rules',
  status: { conditions: [], replicas: sequence, readyReplicas: 0, updatedReplicas: 0 },
  ...change,
})

const inventory = (
  apps: { uid: string; specHash: string; statusHash?: string }[],
  bootId = 'one',
  policyRevision = 'rules',
) => ({
  bootId,
  policyRevision,
  apps: apps.map((app) => ({ generation: 1, ...app })),
})

test('a late report is not news, also after a restart that remembers only what was shown', () => {
  const submissions = new Submissions()
  const restarted = anApp({ shownPosition: { bootId: 'one', sequence: 5 } })
  expect(submissions.reported('b', restarted, aReport(4), 0)).toBe(false)
  expect(submissions.reported('b', restarted, aReport(6), 0)).toBe(true)
  expect(submissions.reported('b', restarted, aReport(6), 0)).toBe(false)
  expect(submissions.of('web').report?.report.sequence).toBe(6)
})

test('an inventory stands in for the verdict that was lost', () => {
  const submissions = new Submissions()
  const { reply, changed } = submissions.compared(
    'b',
    [anApp()],
    inventory([{ uid: 'web', specHash: 'spec', statusHash: 's' }]),
  )
  expect(reply).toEqual({ wanted: ['web'], unknown: [] })
  expect(changed).toEqual(['web'])
  expect(submissions.of('web').verdict).toMatchObject({ verdict: 'Accepted', specHash: 'spec' })
  const shown = anApp({ shownStatusHash: 's' })
  const again = inventory([{ uid: 'web', specHash: 'spec', statusHash: 's' }])
  const agreed = submissions.compared('b', [shown], again)
  expect(agreed).toEqual({ reply: { wanted: [], unknown: [] }, changed: ['web'] })
  expect(submissions.of('web').shownSpecHash).toBe('spec')
  expect(submissions.compared('b', [shown], again).changed).toEqual([])
})

test('a status that is of another spec, or of none yet, is not taken for that of this one', () => {
  const submissions = new Submissions()
  const shown = anApp({ shownStatusHash: 's' })
  for (const app of [
    { uid: 'web', specHash: 'spec' },
    { uid: 'web', specHash: 'other', statusHash: 's' },
    { uid: 'web', specHash: 'spec', statusHash: 'newer' },
  ])
    submissions.compared('b', [shown], inventory([app]))
  expect(submissions.of('web').shownSpecHash).toBeUndefined()
})

test('what the host lost is submitted again, what it refused only under other rules', () => {
  const submissions = new Submissions()
  const verdict = { reason: 'x', message: '', policyRevision: 'rules', specHash: 'spec' }
  submissions.judged('web', { ...verdict, verdict: 'Accepted' })
  expect(submissions.compared('b', [anApp()], inventory([])).changed).toEqual(['web'])
  expect(submissions.of('web').verdict).toBeUndefined()
  submissions.judged('web', { ...verdict, verdict: 'Refused' })
  expect(submissions.compared('b', [anApp()], inventory([])).changed).toEqual([])
  expect(submissions.compared('b', [anApp()], inventory([], 'one', 'other-rules')).changed).toEqual(
    ['web'],
  )
})

test('an app that is gone at the host is known of no more, and so offered anew', () => {
  const submissions = new Submissions()
  submissions.judged('web', {
    verdict: 'Accepted',
    reason: 'x',
    message: '',
    policyRevision: 'rules',
    specHash: 'spec',
  })
  submissions.reported('b', anApp(), aReport(1), 0)
  expect(submissions.reported('b', anApp(), aReport(2, { gone: true }), 0)).toBe(true)
  expect(submissions.of('web')).toEqual({ remaining: [] })
})
