import { expect, test } from 'vitest'
import { arrange } from './table-rows.ts'

interface App {
  readonly name: string
  readonly peer: string
  readonly age?: number
}
const apps: readonly App[] = [
  { name: 'web-10', peer: 'b', age: 3 },
  { name: 'web-9', peer: 'a' },
  { name: 'api', peer: 'b', age: 7 },
]
const options = {
  rowId: (app: App) => app.name,
  sortValue: undefined,
  descending: false,
  groupOf: undefined,
}
const ids = (lines: readonly { readonly id: string }[]): string[] => lines.map(({ id }) => id)

test('without an order rows stay as they came', () => {
  expect(ids(arrange(apps, options))).toEqual(['web-10', 'web-9', 'api'])
})

test('numbers in names count as numbers', () => {
  const sorted = arrange(apps, { ...options, sortValue: (app) => app.name })
  expect(ids(sorted)).toEqual(['api', 'web-9', 'web-10'])
})

test.each([
  [false, ['web-10', 'api', 'web-9']],
  [true, ['api', 'web-10', 'web-9']],
])('what has no value comes last, descending %s', (descending, order) => {
  expect(ids(arrange(apps, { ...options, descending, sortValue: (app) => app.age }))).toEqual(order)
})

test('groups stand under their heads, with how many are in each, and rows count through', () => {
  const lines = arrange(apps, { ...options, groupOf: (app) => app.peer })
  expect(
    lines.map((line) =>
      line.kind === 'group' ? `${line.title}: ${line.count}` : `${line.index} ${line.id}`,
    ),
  ).toEqual(['a: 1', '0 web-9', 'b: 2', '1 web-10', '2 api'])
})
