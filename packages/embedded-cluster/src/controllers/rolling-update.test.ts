import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  nextScaling,
  proportionalScaling,
  resolvePercent,
  type Revision,
  type Rollout,
} from './rolling-update.ts'

function revision(name: string, replicas: number, available = replicas): Revision {
  return { name, replicas, available, createdAt: name }
}

function rollout(over: Partial<Rollout>): Rollout {
  return {
    replicas: 4,
    maxSurge: 1,
    maxUnavailable: 1,
    current: revision('new', 0),
    old: [],
    ...over,
  }
}

test('goes up by the surge first', () => {
  const next = nextScaling(rollout({ old: [revision('old', 4)] }))
  expect(next).toEqual(new Map([['new', 1]]))
})

test('goes down by what may be unavailable, new pods that are not there yet included', () => {
  const at = (available: number) =>
    nextScaling(rollout({ current: revision('new', 1, available), old: [revision('old', 4)] }))
  expect(at(0)).toEqual(new Map([['old', 3]]))
  expect(at(1)).toEqual(new Map([['old', 2]]))
})

test('old pods that serve nobody go first', () => {
  const old = [revision('a', 2, 2), revision('b', 2, 0)]
  const next = nextScaling(rollout({ current: revision('new', 1, 0), old }))
  expect(next).toEqual(new Map([['b', 1]]))
})

test('a broken new version never takes more of the old one than may be unavailable', () => {
  const stuck = rollout({ current: revision('new', 2, 0), old: [revision('old', 3)] })
  expect(nextScaling(stuck)).toEqual(new Map())
})

interface State {
  current: { replicas: number; available: number }
  old: { replicas: number; available: number }[]
}

test('from any state a rollout ends complete, and never breaks its bounds on the way', () => {
  const counts = fc.record({ replicas: fc.nat(6), broken: fc.nat(6) })
  fc.assert(
    fc.property(
      fc.record({
        replicas: fc.nat(8),
        maxSurge: fc.nat(4),
        maxUnavailable: fc.nat(4),
        current: counts,
        old: fc.array(counts, { maxLength: 3 }),
      }),
      ({ replicas, maxSurge, maxUnavailable, current, old }) => {
        fc.pre(maxSurge + maxUnavailable > 0)
        const toState = ({ replicas: has, broken }: { replicas: number; broken: number }) => ({
          replicas: has,
          available: Math.max(0, has - broken),
        })
        const state: State = { current: toState(current), old: old.map(toState) }
        const total = () =>
          [state.current, ...state.old].reduce((sum, one) => sum + one.replicas, 0)
        for (let round = 0; round < 100; round++) {
          const before = total()
          const next = nextScaling({
            replicas,
            maxSurge,
            maxUnavailable: Math.min(maxUnavailable, replicas),
            current: revision('new', state.current.replicas, state.current.available),
            old: state.old.map((one, index) =>
              revision(String(index), one.replicas, one.available),
            ),
          })
          if (next.size === 0 && state.current.available === state.current.replicas) break
          const healthy = [state.current, ...state.old].reduce((sum, one) => sum + one.available, 0)
          apply(state, next)
          expect(total()).toBeLessThanOrEqual(Math.max(before, replicas + maxSurge))
          const after = [state.current, ...state.old].reduce((sum, one) => sum + one.available, 0)
          expect(after).toBeGreaterThanOrEqual(Math.min(healthy, replicas - maxUnavailable))
          // Time passes: what was started becomes available.
          state.current.available = state.current.replicas
        }
        expect(state.current.replicas).toBe(replicas)
        expect(state.old.every((one) => one.replicas === 0)).toBe(true)
      },
    ),
  )
})

function apply(state: State, next: ReadonlyMap<string, number>): void {
  const scale = (one: { replicas: number; available: number }, replicas: number | undefined) => {
    if (replicas === undefined) return
    // The ReplicaSet takes pods that are not available first.
    one.available = Math.min(one.available, replicas)
    one.replicas = replicas
  }
  scale(state.current, next.get('new'))
  state.old.forEach((one, index) => scale(one, next.get(String(index))))
}

test('scaling in mid-rollout is shared in proportion and adds up', () => {
  const revisions = [revision('a', 10), revision('b', 5)]
  expect(proportionalScaling(revisions, 30)).toEqual(
    new Map([
      ['a', 20],
      ['b', 10],
    ]),
  )
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
      fc.nat(60),
      (sizes, target) => {
        const all = sizes.map((size, index) => revision(String(index), size))
        const next = proportionalScaling(all, target)
        const counts = all.map(({ name, replicas }) => next.get(name) ?? replicas)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(target)
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(0)
      },
    ),
  )
})

test.each([
  ['25%', 10, 'up', 3],
  ['25%', 10, 'down', 2],
  [undefined, 1, 'up', 1],
  [undefined, 1, 'down', 0],
  [2, 10, 'up', 2],
  ['100%', 3, 'down', 3],
] as const)('%s of %i rounded %s is %i', (value, replicas, round, expected) => {
  expect(resolvePercent(value, replicas, round)).toBe(expected)
})
