/** What peers say stands all over the page: statuses, names, log lines. As text, it can do nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Every way from a text to markup or code in a browser. */
const sinks =
  /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|DOMParser|srcDoc|\beval\(|new Function\(|javascript:/

const folder = import.meta.dirname
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'),
)

test('nothing of the page writes markup or code from text', () => {
  expect(sources).toContain(join('app', 'main.tsx'))
  const found = sources.filter((path) => sinks.test(readFileSync(join(folder, path), 'utf8')))
  expect(found).toEqual([])
})

test.each(['<p dangerouslySetInnerHTML={{ __html: said }} />', 'node.innerHTML = said'])(
  'and %s would be found',
  (code) => {
    expect(code).toMatch(sinks)
  },
)
