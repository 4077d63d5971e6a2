import { expect, test } from 'vitest'
import { durationSeconds, integer, keyValue } from './values.ts'

test.each([
  ['90', 90],
  ['90s', 90],
  ['15m', 900],
  ['1h30m', 5_400],
  ['7d', 604_800],
])('%s are %i seconds', (text, seconds) => {
  expect(durationSeconds('--since', text)).toBe(seconds)
})

test.each(['', 'soon', '-5m', '1.5h', '5 m', '1w'])('%j is no duration', (text) => {
  expect(() => durationSeconds('--since', text)).toThrow(/--since takes a duration such as/)
})

test.each(['', '1.5', '0x10', '-1', '11', '1e1', ' 5'])('%j is no number from 0 to 10', (text) => {
  expect(() => integer('--replicas', text, { min: 0, max: 10 })).toThrow(/from 0 to 10/)
})

test('the value of NAME=VALUE may hold anything, its name not nothing', () => {
  expect(keyValue('--env', 'A=b=c')).toEqual(['A', 'b=c'])
  expect(keyValue('--env', 'A=')).toEqual(['A', ''])
  expect(() => keyValue('--env', 'A')).toThrow(/--env takes NAME=VALUE, not "A"/)
})
