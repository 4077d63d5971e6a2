import { expect, test } from 'vitest'
import { phaseCounts } from './phase-counts.ts'

test('apps are counted by phase, well ones first; one that nobody reported on is pending', () => {
  const apps = [
    { status: { phase: 'Failed' as const } },
    {},
    { status: { phase: 'Ready' as const } },
    { status: { phase: 'Ready' as const } },
  ]
  expect(phaseCounts(apps)).toEqual([
    { phase: 'Ready', count: 2 },
    { phase: 'Pending', count: 1 },
    { phase: 'Failed', count: 1 },
  ])
})
