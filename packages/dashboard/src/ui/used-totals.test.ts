import { expect, test } from 'vitest'
import { usedTotals } from './used-totals.ts'

const used = { apps: 3, pods: 5, cpu: '1500m', memory: '512Mi', storage: '0' }

test('what has a limit has a share of it, in whatever units both are written', () => {
  const limits = { apps: 4, pods: 0, cpu: '2', memory: '1Gi', storage: '' }
  expect(usedTotals({ used, limits })).toEqual([
    { label: 'Apps', share: 0.75, text: '3 of 4' },
    { label: 'Pods', text: '5, no limit' },
    { label: 'CPU', share: 0.75, text: '1500m of 2' },
    { label: 'Memory', share: 0.5, text: '512Mi of 1Gi' },
    { label: 'Storage', text: '0, no limit' },
  ])
})

test.each([{}, { cpu: '0' }, { cpu: '3x' }])(
  'a limit that is none, or still being typed, has no share: %j',
  (limits) => {
    expect(usedTotals({ used, limits })[2]).toEqual({ label: 'CPU', text: '1500m, no limit' })
  },
)
