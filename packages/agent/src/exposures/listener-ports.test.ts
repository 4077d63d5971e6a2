import { expect, test } from 'vitest'
import { listenerPortsToTry } from './listener-ports.ts'

const range = { first: 20_000, last: 20_003 }
const db = { uid: 'uid-db', port: 5432 }
const none = { previous: undefined, reserved: new Set<number>() }

test('every port of the range is tried, each once, in an order that is the same after a restart', () => {
  const tried = listenerPortsToTry(range, db, none)
  expect([...tried].sort()).toEqual([20_000, 20_001, 20_002, 20_003])
  expect(listenerPortsToTry(range, db, none)).toEqual(tried)
})

test('apps begin at different ports', () => {
  const firsts = Array.from({ length: 50 }, (_, n) =>
    listenerPortsToTry(range, { uid: `uid-${n}`, port: 80 }, none).at(0),
  )
  expect(new Set(firsts).size).toBe(4)
})

test('the port it had comes first', () => {
  for (const previous of [20_000, 20_001, 20_002, 20_003]) {
    const tried = listenerPortsToTry(range, db, { ...none, previous })
    expect(tried[0]).toBe(previous)
    expect(tried).toHaveLength(4)
  }
})

test('a port it had before the range was another is not tried', () => {
  expect(listenerPortsToTry(range, db, { ...none, previous: 30_000 })).not.toContain(30_000)
})

test('what Services of other apps lead to is left to them, but for what it had itself', () => {
  const reserved = new Set([20_000, 20_001])
  expect([...listenerPortsToTry(range, db, { previous: undefined, reserved })].sort()).toEqual([
    20_002, 20_003,
  ])
  expect(listenerPortsToTry(range, db, { previous: 20_000, reserved })[0]).toBe(20_000)
})
