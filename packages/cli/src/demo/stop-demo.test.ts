import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeJsonFile } from './json-file.ts'
import { demoLayout, type DemoLayout } from './layout.ts'
import { identify, isRunning } from './process-identity.ts'
import { endLeftovers, stopDemo } from './stop-demo.ts'
import { findSupervisor } from './supervisor-record.ts'

async function aDemo(): Promise<DemoLayout> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-demo-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return demoLayout(dir)
}

/** Runs until it is told to end, or for the given time. */
async function aProcess(
  runForMs: number,
  ...args: string[]
): Promise<ChildProcess & { pid: number }> {
  const script = `process.stdout.write('up'); setTimeout(() => {}, ${runForMs})`
  const child = spawn(process.execPath, ['-e', script, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child.stdout, 'data')
  return Object.assign(child, { pid: child.pid! })
}

test('a supervisor is found by its id and the moment it started, and asked to end', async () => {
  const layout = await aDemo()
  const supervisor = await aProcess(60_000)
  await writeJsonFile(layout.supervisorFile, await identify(supervisor.pid))
  expect(await findSupervisor(layout)).toMatchObject({ pid: supervisor.pid })
  const ended = once(supervisor, 'exit')
  await stopDemo(layout)
  expect(await ended).toEqual([null, 'SIGTERM'])
  expect(await findSupervisor(layout)).toBeUndefined()
})

test('a process that has the id of a supervisor long gone is left alone', async () => {
  const layout = await aDemo()
  const stranger = await aProcess(60_000)
  const before = { pid: stranger.pid, started: 'long ago' }
  await writeJsonFile(layout.supervisorFile, before)
  await stopDemo(layout)
  expect(await isRunning((await identify(stranger.pid))!)).toBe(true)
})

test('leftovers of a killed supervisor are waited for; a stranger with such an id is not', async () => {
  const layout = await aDemo()
  const [ours, stranger] = [await aProcess(300, layout.dir), await aProcess(60_000)]
  await writeJsonFile(layout.pidsFile, { clusterA: ours.pid, agentA: stranger.pid })
  await endLeftovers(layout)
  expect(await identify(ours.pid)).toBeUndefined()
  expect(await identify(stranger.pid)).toBeDefined()
})
