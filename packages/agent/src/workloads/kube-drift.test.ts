import { expect, test } from 'vitest'
import { foreignEntries, holds, isSameMap } from './kube-drift.ts'

const desired = {
  replicas: 1,
  template: { labels: { a: 'x' }, containers: [{ name: 'app', image: 'i' }] },
}

test('what a server fills in is no drift', () => {
  const live = {
    ...desired,
    strategy: {},
    template: {
      ...desired.template,
      dns: 'd',
      containers: [{ name: 'app', image: 'i', policy: 'p' }],
    },
  }
  expect(holds(live, desired)).toBe(true)
  expect(foreignEntries(live, desired)).toEqual([])
})

test.each<[string, object]>([
  ['another value', { ...desired, replicas: 2 }],
  ['a value gone', { template: desired.template }],
  [
    'an entry more in a list',
    {
      ...desired,
      template: {
        ...desired.template,
        containers: [...desired.template.containers, { name: 'more' }],
      },
    },
  ],
  ['another type', { ...desired, template: 'text' }],
])('%s is drift', (_what, live) => {
  expect(holds(live, desired)).toBe(false)
})

test('entries of others in our lists are named by their path', () => {
  const live = {
    ...desired,
    template: { ...desired.template, containers: [{ name: 'app' }, { name: 'more' }] },
  }
  expect(foreignEntries(live, desired)).toEqual(['.template.containers'])
})

test('keys that every object has are not taken for data', () => {
  expect(holds({}, { constructor: 'x' })).toBe(false)
})

test('maps are equal whatever the order of their keys, and an absent one is an empty one', () => {
  expect(isSameMap({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true)
  expect(isSameMap(undefined, {})).toBe(true)
  expect(isSameMap({ a: '1', b: '2' }, { a: '1' })).toBe(false)
})
