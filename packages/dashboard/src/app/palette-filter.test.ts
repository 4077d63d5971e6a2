import { expect, test } from 'vitest'
import { matching } from './palette-filter.ts'

const actions = [
  { group: 'Pages', actions: [{ id: '1', label: 'Notifications', keywords: 'problems' }] },
  {
    group: 'Apps',
    actions: [
      { id: '2', label: 'web', description: 'Ready at b' },
      { id: '3', label: 'billing' },
      { id: '4', label: 'lab' },
    ],
  },
  { group: 'Peers', actions: [{ id: '5', label: 'b' }] },
]

const labels = (query: string): string[] =>
  matching(query, actions).flatMap((group) => group.actions.map(({ label }) => label ?? ''))

test('what is called so comes first, whatever else has the letter in it', () => {
  expect(labels('B ')).toEqual(['b', 'billing', 'web', 'lab', 'Notifications'])
})

test('without a wish everything is offered, and what nothing is called finds nothing', () => {
  expect(matching('', actions)).toBe(actions)
  expect(labels('zebra')).toEqual([])
})
