import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endpointTable } from '@porpulsion/contract'
import { expect, test } from 'vitest'

/** What is done by a person on this very page, and why no command does it in their place. */
const withoutCommand: Readonly<Record<string, string>> = {
  login: 'a session of a browser',
  logout: 'a session of a browser',
  changePassword: 'a password must not end up in a history',
  putSettings: 'the file is in the editor; the same changes by settings set stand in the review',
  patchAppConfig: 'values of files and secrets must not end up in a history',
  previewSettings: 'a question',
}

/** The endpoints that something in these files names, by the way it does. */
async function named(pattern: RegExp): Promise<ReadonlySet<string>> {
  const files = await readdir(import.meta.dirname, { recursive: true })
  const sources = await Promise.all(
    files
      .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
      .map((file) => readFile(join(import.meta.dirname, file), 'utf8')),
  )
  return new Set(
    sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name = '']) => name)),
  )
}

test('whatever the page changes, it tells how to change from a terminal', async () => {
  const called = await named(/\bcall\(\s*endpoints\.(\w+)/g)
  const told = await named(/\bcurlOf\(\s*endpoints\.(\w+)/g)
  const changing = [...called].filter(
    (name) => endpointTable[name as keyof typeof endpointTable].method !== 'GET', // as the type checker saw it
  )
  expect(changing.length).toBeGreaterThan(15)
  const untold = changing.filter((name) => !told.has(name) && withoutCommand[name] === undefined)
  expect(untold).toEqual([])
})

test('what has no command is what the page does', async () => {
  const called = await named(/\bcall\(\s*endpoints\.(\w+)/g)
  expect(Object.keys(withoutCommand).filter((name) => !called.has(name))).toEqual([])
})
