import { appPhases, type AppPhase } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import type { AppFacts } from './app-facts.ts'
import { filterApps, urgencyOf, type AppFilter } from './filter-apps.ts'

const app = (
  name: string,
  peer: string,
  phase: AppPhase,
  more: Partial<AppFacts> = {},
): AppFacts => ({
  namespace: 'shop',
  name,
  image: 'ghcr.io/me/web:1',
  peer,
  phase,
  wanted: 1,
  ready: 1,
  labels: {},
  ...more,
})
const apps = [
  app('web', 'paris', 'Ready', { labels: { tier: 'front' } }),
  app('api', 'paris', 'Failed', { image: 'ghcr.io/me/api:2' }),
  app('jobs', 'oslo', 'Ready'),
]
const all: AppFilter = { text: '', phases: [], peers: [] }
const filtered = (filter: Partial<AppFilter>) =>
  filterApps(apps, (one) => one, { ...all, ...filter })
const names = (filter: Partial<AppFilter>) => filtered(filter).shown.map(({ name }) => name)

test.each([
  ['a name', 'WEB tier', ['web']],
  ['an image', 'me/api', ['api']],
  ['a peer', 'oslo', ['jobs']],
  ['a label', 'tier=front', ['web']],
  ['a namespace with a name', 'shop/jobs', ['jobs']],
  ['words of which one is nowhere', 'web nowhere', []],
])('%s is found', (_what, text, found) => {
  expect(names({ text })).toEqual(found)
})

test('phases and peers narrow together, each to any of those chosen', () => {
  expect(names({ phases: ['Ready'], peers: ['paris'] })).toEqual(['web'])
  expect(names({ phases: ['Ready', 'Failed'] })).toEqual(['web', 'api', 'jobs'])
})

test('a count says what choosing it would show, with the rest of the filter as it is', () => {
  const { phases, peers } = filtered({ peers: ['paris'] })
  expect(phases).toEqual([
    { value: 'Failed', count: 1 },
    { value: 'Ready', count: 1 },
  ])
  expect(peers).toEqual([
    { value: 'oslo', count: 1 },
    { value: 'paris', count: 2 },
  ])
})

test('what is chosen stays on offer when nothing has it any more, or nobody could take it back', () => {
  expect(filtered({ phases: ['Degraded'] }).phases).toContainEqual({ value: 'Degraded', count: 0 })
})

test('every phase has its place, and what is wrong comes before what is well', () => {
  expect(appPhases.map(urgencyOf)).not.toContain(-1)
  expect(urgencyOf('Failed')).toBeLessThan(urgencyOf('Ready'))
})
