import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEntry } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../observability/index.ts'
import { createAuditFile, MAX_WAITING_LINES } from './audit-file.ts'

const entry = (id: number): AuditEntry => ({
  id: `run-${id}`,
  time: '2026-01-01T00:00:00.000Z',
  actor: 'admin',
  action: 'createToken',
  outcome: 'done',
})
const lineBytes = Buffer.byteLength(`${JSON.stringify(entry(1))}\n`)

async function aFile(options: { maxBytes?: number; maxFiles?: number } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'porpulsion-audit-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'trail', 'audit.log')
  const fallen: AuditEntry[] = []
  const open = () =>
    createAuditFile(
      {
        logger: createLogger({ level: 'silent', agent: 'a' }),
        fallback: { write: (each) => void fallen.push(each) },
      },
      { path, ...options },
    )
  return { path, file: open(), reopen: open, fallen }
}

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8')).trimEnd().split('\n')

test('each entry is one line of JSON, and only its owner may read the file', async () => {
  const { path, file } = await aFile()
  for (const id of [1, 2, 3]) file.write(entry(id))
  await file.stop()
  expect((await linesOf(path)).map((line) => JSON.parse(line) as unknown)).toEqual(
    [1, 2, 3].map(entry),
  )
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a new start knows what the one before wrote, and goes on below it', async () => {
  const { path, file, reopen } = await aFile()
  file.write(entry(1))
  await file.stop()
  const next = reopen()
  expect(await next.recall()).toEqual([entry(1)])
  next.write(entry(2))
  await next.stop()
  expect(await linesOf(path)).toHaveLength(2)
})

test('at its size the file makes room, and the oldest of them goes', async () => {
  const { path, file, reopen } = await aFile({ maxBytes: 2 * lineBytes, maxFiles: 2 })
  for (let id = 1; id <= 7; id++) {
    file.write(entry(id))
    await file.stop()
  }
  expect(await linesOf(path)).toEqual([JSON.stringify(entry(7))])
  expect(await linesOf(`${path}.1`)).toEqual([5, 6].map((id) => JSON.stringify(entry(id))))
  await expect(stat(`${path}.2`)).rejects.toThrow('ENOENT')
  expect((await reopen().recall()).map(({ id }) => id)).toEqual(['run-5', 'run-6', 'run-7'])
})

test('half a line of a crash, and what is no entry, are skipped', async () => {
  const { path, file } = await aFile()
  await mkdir(join(path, '..'))
  await writeFile(path, `${JSON.stringify(entry(1))}\n{"actor": 5}\n{"id":"run-2","ti`)
  expect(await file.recall()).toEqual([entry(1)])
})

test('what cannot be written goes to the log instead, and the file is tried again', async () => {
  const { path, file, fallen } = await aFile()
  await mkdir(path, { recursive: true }) // a directory is no file
  file.write(entry(1))
  await file.stop()
  expect(fallen).toEqual([entry(1)])
  await rm(path, { recursive: true })
  file.write(entry(2))
  await file.stop()
  expect(await linesOf(path)).toEqual([JSON.stringify(entry(2))])
})

test('more than may wait for the disk goes to the log, and nothing is lost', async () => {
  const { path, file, fallen } = await aFile()
  const count = MAX_WAITING_LINES + 10
  for (let id = 1; id <= count; id++) file.write(entry(id))
  await file.stop()
  expect((await linesOf(path)).length + fallen.length).toBe(count)
  expect(fallen.length).toBeGreaterThan(0)
})
