import { expect, test } from 'vitest'
import { countOfFigures, describeSeries, extentOf, loneValues } from './time-series.ts'

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

test('a value between gaps is a point, and those of a line are not', () => {
  expect(loneValues([1])).toEqual([0])
  expect(loneValues([1, null, 2, 3, undefined, 0])).toEqual([0, 5])
  expect(loneValues([null, undefined])).toEqual([])
})

test('figures are counted by the line that has most', () => {
  expect(countOfFigures([])).toBe(0)
  const series = [
    { name: 'A', color: '', values: [undefined, 3] },
    { name: 'B', color: '', values: [undefined, undefined] },
  ]
  expect(countOfFigures(series)).toBe(1)
})
