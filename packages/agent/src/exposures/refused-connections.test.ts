import { PorpulsionError } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { REFUSAL_INTERVAL_MS } from './limits.ts'
import { createRefusedConnections } from './refused-connections.ts'

const off = new PorpulsionError('Forbidden', 'TunnelsOff', 'No tunnels')
const down = new PorpulsionError('Unavailable', 'LinkDown', 'The link is down')

function refusals() {
  const clock = new FakeClock()
  const told: [string, boolean][] = []
  let changes = 0
  const connections = createRefusedConnections({
    clock,
    tell: ({ code }, isPassing) => void told.push([code, isPassing]),
    changed: () => {
      changes++
    },
  })
  onTestFinished(() => connections.stop())
  return { clock, told, connections, changes: () => changes }
}

test('whoever connects all the time is told of once in an interval', async () => {
  const { clock, told, connections } = refusals()
  for (let i = 0; i < 100; i++) connections.refused(5432, off)
  expect(told).toEqual([['TunnelsOff', false]])
  await clock.advance(REFUSAL_INTERVAL_MS)
  expect(told).toHaveLength(2)
  await clock.advance(10 * REFUSAL_INTERVAL_MS)
  expect(told).toHaveLength(2)
})

test('a refusal stands until a connection to that port passes', () => {
  const { connections } = refusals()
  connections.refused(5432, off)
  connections.refused(9187, off)
  connections.passed(9187)
  expect(connections.refusalOf(5432)).toMatchObject({ code: 'TunnelsOff' })
  expect(connections.refusalOf(9187)).toBeUndefined()
})

test('what passes by itself is told, and is no state', () => {
  const { told, connections } = refusals()
  connections.refused(5432, down)
  expect(told).toEqual([['LinkDown', true]])
  expect(connections.refusalOf(5432)).toBeUndefined()
})

test('that it passed is shown at the end of the interval, and told to nobody', async () => {
  const { clock, told, connections, changes } = refusals()
  connections.refused(5432, off)
  connections.passed(5432)
  expect(changes()).toBe(1)
  await clock.advance(REFUSAL_INTERVAL_MS)
  expect(changes()).toBe(2)
  expect(told).toHaveLength(1)
})

test('our own signal is no refusal', () => {
  const { told, connections } = refusals()
  connections.refused(5432, new PorpulsionError('Aborted', 'Aborted', 'We stop'))
  expect(told).toEqual([])
})
