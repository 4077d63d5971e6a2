import { expect, test } from 'vitest'
import { nearestOf } from './spelling.ts'

const known = ['replicas', 'resources', 'readinessProbe', 'env']

test.each([
  ['replica', 'replicas'],
  ['Replicas', 'replicas'],
  ['resurces', 'resources'],
  ['readynessProbe', 'readinessProbe'],
  ['enw', 'env'],
  ['affinity', undefined],
  ['x', undefined],
])('%j is a slip for %j', (word, meant) => {
  expect(nearestOf(word, known)).toBe(meant)
})
