import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { appendLine } from './append-line.ts'
import { hello } from './hello.ts'

test('hello told to append adds its lines, each time again, and ends', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const root = tempDir()
  const run = (...args: string[]): Promise<number> =>
    hello({
      args,
      env: { POD_ROOT: root },
      signal: new AbortController().signal,
      started: () => undefined,
    })
  expect(await run('--append', '/data/log=a=1', '--append', '/data/log=b')).toBe(0)
  expect(await run('--append', '/data/log=c')).toBe(0)
  expect(readFileSync(join(root, 'data/log'), 'utf8')).toBe('a=1\nb\nc\n')
})

test('no path leads out of the directory of the pod', () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const root = tempDir()
  appendLine('../../x=1', join(root, 'pod'))
  expect(readdirSync(root)).toEqual(['pod'])
})

test('what is no assignment is refused with what is wanted', () => {
  expect(() => appendLine('/data/log', '/nowhere')).toThrow('--append wants PATH=TEXT')
})
