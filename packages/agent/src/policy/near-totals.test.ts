import { defaultSettings, parseQuantity } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { totalLevel } from './near-totals.ts'
import { noUsage, type Usage } from './usage.ts'

const limits = (totals: Partial<typeof defaultSettings.totals>) => ({
  ...defaultSettings.totals,
  ...totals,
})
const using = (usage: Partial<Usage>): Usage => ({ ...noUsage, ...usage })
const amount = (text: string): bigint => parseQuantity(text) ?? 0n

test('without limits nothing is near', () => {
  expect(totalLevel(using({ apps: 1_000_000 }), limits({}))).toEqual({ kind: 'below' })
})

test.each([
  [7, 'below'],
  [8, 'between'],
  [9, 'near'],
  [10, 'near'],
  [11, 'near'],
])('%i of 10 apps are %s', (apps, kind) => {
  expect(totalLevel(using({ apps }), limits({ apps: 10 })).kind).toBe(kind)
})

test('everything that is near is named with its share', () => {
  const used = using({
    apps: 1,
    pods: 19,
    cpu: amount('3600m'),
    memory: amount('1Gi'),
    storage: amount('8Gi'),
  })
  expect(
    totalLevel(used, limits({ apps: 10, pods: 20, cpu: '4', memory: '2Gi', storage: '8Gi' })),
  ).toEqual({
    kind: 'near',
    parts: ['19 of 20 pods (95 %)', '3600m of 4 cpu (90 %)', '8Gi of 8Gi storage (100 %)'],
  })
})

test('a total of nothing is used up by anything, and by nothing is not', () => {
  expect(totalLevel(noUsage, limits({ storage: '0' }))).toEqual({ kind: 'below' })
  expect(totalLevel(using({ storage: 1n }), limits({ storage: '0' })).kind).toBe('near')
})
