import type { AppMetrics } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { addMetrics, cores, seriesOf, type UsageHistory } from './usage-samples.ts'

const metrics = (second: number, pods: Readonly<Record<string, string>>): AppMetrics => ({
  time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  windowSeconds: 10,
  pods: Object.entries(pods).map(([name, cpu]) => ({ name, cpu, memory: '1Mi', containers: [] })),
})
const all = (...some: readonly AppMetrics[]): UsageHistory =>
  some.reduce<UsageHistory | undefined>(addMetrics, undefined) ??
  addMetrics(undefined, metrics(0, {}))

test('each measurement counts once, however often it is read', () => {
  expect(
    all(metrics(1, { a: '5m' }), metrics(1, { a: '5m' }), metrics(2, {})).samples,
  ).toHaveLength(2)
})

test('a pod that was not measured leaves a gap', () => {
  const { samples } = all(metrics(1, { a: '250m' }), metrics(2, { a: '1', b: '5m' }))
  expect(seriesOf(samples, 'cores').map(({ name, values }) => [name, values])).toEqual([
    ['a', [0.25, 1]],
    ['b', [undefined, 0.005]],
  ])
})

test('of many pods those that use most are drawn', () => {
  const pods = Object.fromEntries(
    Array.from({ length: 9 }, (_pod, index) => [`p${index}`, `${index}m`]),
  )
  expect(seriesOf(all(metrics(1, pods)).samples, 'cores').map(({ name }) => name)).toEqual([
    'p3',
    'p4',
    'p5',
    'p6',
    'p7',
    'p8',
  ])
})

test.each([
  [0.0124, '12m'],
  [1, '1 core'],
  [1.504, '1.5 cores'],
])('%s cores are %s', (count, words) => {
  expect(cores(count)).toBe(words)
})
