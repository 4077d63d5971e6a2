import { expect, test } from 'vitest'
import { HandshakeGate } from './handshake-gate.ts'

test('an address that is full keeps no other address out', () => {
  const gate = new HandshakeGate({ maxPerAddress: 2, maxTotal: 10 })
  expect(
    [gate.enter('a'), gate.enter('a'), gate.enter('a')].map((leave) => leave !== undefined),
  ).toEqual([true, true, false])
  expect(gate.enter('b')).toBeDefined()
})

test('all addresses together have a bound too', () => {
  const gate = new HandshakeGate({ maxPerAddress: 2, maxTotal: 3 })
  const entered = ['a', 'b', 'c', 'd'].map((address) => gate.enter(address) !== undefined)
  expect(entered).toEqual([true, true, true, false])
})

test('leaving makes room once, however often it is said', () => {
  const gate = new HandshakeGate({ maxPerAddress: 1, maxTotal: 1 })
  const leave = gate.enter('a')
  leave?.()
  leave?.()
  expect(gate.enter('a')).toBeDefined()
  expect(gate.enter('b')).toBeUndefined()
})
