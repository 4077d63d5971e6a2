import { describe, expect, test } from 'vitest'
import {
  findCondition,
  isConditionTrue,
  setCondition,
  setConditions,
  type Condition,
  type ObservedCondition,
} from './conditions.ts'
import { FakeClock } from './testing.ts'

const ready: ObservedCondition = {
  type: 'Ready',
  status: 'False',
  reason: 'Starting',
  message: 'One of two replicas is ready',
  observedGeneration: 1,
}

describe('setting a condition', () => {
  test('adds what was not there, with the time in whole seconds', () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1, 12, 0, 0, 789))
    expect(setCondition([], ready, clock)).toEqual([
      { ...ready, lastTransitionTime: '2030-01-01T12:00:00Z' },
    ])
  })

  test.each([
    ['status', { status: 'True' }, true],
    ['reason', { reason: 'Updating' }, false],
    ['message', { message: 'None of two replicas is ready' }, false],
    ['observedGeneration', { observedGeneration: 2 }, false],
  ] as const)('a change of %s', async (_, change, isTransition) => {
    const clock = new FakeClock()
    const before = setCondition([], ready, clock)
    await clock.advance(60_000)

    const [after] = setCondition(before, { ...ready, ...change }, clock)

    expect(after).toMatchObject({ ...ready, ...change })
    expect(after?.lastTransitionTime !== before[0]?.lastTransitionTime).toBe(isTransition)
  })

  test('no change gives back the very same list', async () => {
    const clock = new FakeClock()
    const before = setCondition([], ready, clock)
    await clock.advance(60_000)

    expect(setCondition(before, { ...ready }, clock)).toBe(before)
  })

  test('keeps the order, and the conditions of others', () => {
    const clock = new FakeClock()
    const others = (type: string): ObservedCondition => ({ ...ready, type })
    const before = setConditions([], [others('A'), ready, others('B')], clock)

    const after = setCondition(before, { ...ready, status: 'True' }, clock)

    expect(after.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'A=False',
      'Ready=True',
      'B=False',
    ])
    expect(before[1]?.status).toBe('False')
  })

  test('a message longer than the API server takes is cut, and stays unchanged then', () => {
    const clock = new FakeClock()
    const long = { ...ready, message: 'x'.repeat(100_000) }
    const before: Condition[] = setCondition([], long, clock)

    expect(before[0]?.message).toHaveLength(32_768)
    expect(setCondition(before, long, clock)).toBe(before)
  })
})

test('reads conditions by type', () => {
  const conditions = setCondition([], { ...ready, status: 'True' }, new FakeClock())
  expect(findCondition(conditions, 'Ready')?.reason).toBe('Starting')
  expect(isConditionTrue(conditions, 'Ready')).toBe(true)
  expect(isConditionTrue(conditions, 'Synced')).toBe(false)
  expect(isConditionTrue(undefined, 'Ready')).toBe(false)
})
