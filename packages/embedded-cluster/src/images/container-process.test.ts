import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/support/temp-dir.ts'
import { heartbeat, orphanCheck } from './container-process.ts'

function setup() {
  const dir = tempDir()
  const runDir = join(dir, 'run')
  const heartbeatFile = join(dir, 'heartbeat')
  mkdirSync(runDir)
  const start = Date.UTC(2030, 0, 1)
  let now = start
  const beat = () => {
    writeFileSync(heartbeatFile, '')
    utimesSync(heartbeatFile, now / 1000, now / 1000)
  }
  beat()
  const isOrphaned = orphanCheck(runDir, heartbeatFile, () => now)
  return { runDir, beat, isOrphaned, pass: (ms: number) => (now += ms) }
}

test('a process whose cluster is gone for long ends, one whose cluster restarts does not', () => {
  const { isOrphaned, pass } = setup()
  pass(heartbeat.orphanAfterMs - 1)
  expect([isOrphaned(), isOrphaned()]).toEqual([false, false])
  pass(1)
  expect([isOrphaned(), isOrphaned()]).toEqual([false, true])
})

test('a machine that slept is given the time to let the cluster wake, too', () => {
  const { isOrphaned, pass, beat } = setup()
  pass(10 * heartbeat.orphanAfterMs)
  expect(isOrphaned()).toBe(false)
  beat()
  expect([isOrphaned(), isOrphaned()]).toEqual([false, false])
})

test('a process whose directory was removed ends', () => {
  const { isOrphaned, runDir } = setup()
  rmSync(runDir, { recursive: true })
  expect([isOrphaned(), isOrphaned()]).toEqual([false, true])
})
