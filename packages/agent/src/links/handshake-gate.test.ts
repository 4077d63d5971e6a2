import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { HandshakeGate, type Caller } from './handshake-gate.ts'

const roomy = {
  maxPerCaller: 100,
  maxPerPeer: 100,
  maxPerAddress: 100,
  maxTotal: 100,
  burstPerPeer: 100,
}
const from = (address: string, claimed = 'peer', isSigned = false): Caller => ({
  address,
  claimed,
  isSigned,
})

/** How many of them get in, and stay. */
const entering = (gate: HandshakeGate, callers: readonly Caller[]): number =>
  callers.filter((caller) => gate.enter(caller) !== undefined).length
const times = (count: number, caller: (i: number) => Caller): Caller[] =>
  Array.from({ length: count }, (_, i) => caller(i))

test('peers behind one address are counted each for itself', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxPerCaller: 2 })
  expect(
    entering(
      gate,
      times(9, () => from('ingress', 'a')),
    ),
  ).toBe(2)
  expect(
    entering(
      gate,
      times(9, (i) => from('ingress', `b${i}`)),
    ),
  ).toBe(9)
})

test('who copies the claim of a peer elsewhere does not take its place where it is', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxPerCaller: 2 })
  entering(
    gate,
    times(9, () => from('elsewhere')),
  )
  expect(gate.enter(from('home'))).toBeDefined()
})

test('who copies the claim of a peer to many addresses keeps no other peer out', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxPerPeer: 3, maxTotal: 5 })
  expect(
    entering(
      gate,
      times(9, (i) => from(`x${i}`, 'copied')),
    ),
  ).toBe(3)
  expect(gate.enter(from('home', 'other'))).toBeDefined()
})

test('who only copied claims keeps out nobody who has signed theirs, not even behind one ingress', () => {
  const gate = new HandshakeGate(new FakeClock(), {
    ...roomy,
    maxPerCaller: 2,
    maxPerAddress: 4,
    maxTotal: 6,
  })
  const copied = times(9, (i) => from('ingress', `p${i % 3}`))
  expect(entering(gate, copied)).toBe(4)
  const signed = times(3, () => from('ingress', 'p0', true))
  expect(entering(gate, signed)).toBe(2)
})

test('an address that is full keeps no other address out', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxPerAddress: 2 })
  expect(
    entering(
      gate,
      times(9, (i) => from('x', `p${i}`)),
    ),
  ).toBe(2)
  expect(gate.enter(from('y', 'p9'))).toBeDefined()
})

test('all together have a bound, too', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxTotal: 3 })
  expect(
    entering(
      gate,
      times(9, (i) => from(`x${i}`, `p${i}`)),
    ),
  ).toBe(3)
})

test('by default sixteen peers behind one address get in at once, and forty-eight elsewhere', () => {
  const gate = new HandshakeGate(new FakeClock())
  expect(
    entering(
      gate,
      times(200, (i) => from('ingress', `p${i}`)),
    ),
  ).toBe(16)
  expect(
    entering(
      gate,
      times(200, (i) => from(`x${i}`, `q${i}`)),
    ),
  ).toBe(48)
})

test('leaving makes room once, however often it is said', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxTotal: 2 })
  const leave = gate.enter(from('a', 'a'))
  entering(gate, [from('b', 'b')])
  leave?.()
  leave?.()
  expect(
    entering(
      gate,
      times(3, () => from('a', 'a')),
    ),
  ).toBe(1)
})

test('who was refused left nothing counted', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, maxPerCaller: 1, maxTotal: 2 })
  const leave = gate.enter(from('a', 'a'))
  entering(
    gate,
    times(5, () => from('a', 'a')),
  )
  leave?.()
  expect(entering(gate, [from('a', 'a'), from('b', 'b')])).toBe(2)
})

test('a peer that comes and goes without end is let in once a second', async () => {
  const clock = new FakeClock()
  const gate = new HandshakeGate(clock, { ...roomy, burstPerPeer: 5 })
  const comeAndGo = (caller: Caller): boolean => {
    const leave = gate.enter(caller)
    leave?.()
    return leave !== undefined
  }
  const mallory = times(50, (i) => from(`x${i}`, 'mallory', true))
  expect(mallory.filter(comeAndGo)).toHaveLength(5)
  await clock.advance(3_000)
  expect(mallory.filter(comeAndGo)).toHaveLength(3)
  expect(comeAndGo(from('x0', 'honest', true))).toBe(true)
})

test('strangers that copied the claim of a peer do not use up how often it may come', () => {
  const gate = new HandshakeGate(new FakeClock(), { ...roomy, burstPerPeer: 5 })
  entering(
    gate,
    times(50, (i) => from(`x${i}`, 'peer')),
  )
  expect(gate.enter(from('home', 'peer', true))).toBeDefined()
})
