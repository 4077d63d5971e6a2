import { expect, test } from 'vitest'
import { describeSeries, extentOf } from './time-series.ts'

const ms = (value: number): string => `${value} ms`

test('a chart says of each line its range and its latest value', () => {
  const values = [4, undefined, 1, 9, 2, undefined]
  expect(describeSeries([{ name: 'Latency', color: '', values }], ms)).toBe(
    'Latency: between 1 ms and 9 ms, lastly 2 ms.',
  )
})

test('what never changes, and what was never measured, is said in few words', () => {
  const series = [
    { name: 'A', color: '', values: [3, 3] },
    { name: 'B', color: '', values: [undefined] },
  ]
  expect(describeSeries(series, ms)).toBe('A: always 3 ms. B: nothing measured.')
})

test('there is no extent of nothing', () => {
  expect(extentOf([])).toBeUndefined()
})
