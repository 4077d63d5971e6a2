import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appOrigin } from './support/app-origin.ts'
import { startDemo, type Demo } from './support/demo.ts'
import type { UploadOrder, UploadOutcome } from './support/upload-bodies.ts'

const BODIES = 100
const BODY_BYTES = 8 * 1024 * 1024
const MAX_LOG_LATENCY_MS = 200
const MAX_RSS_MIB = 250

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.remove())

async function uploadBodies(order: UploadOrder): Promise<UploadOutcome> {
  const script = join(import.meta.dirname, 'support/upload-bodies.ts')
  const args = ['--import', 'tsx', script, JSON.stringify(order)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 200_000 })
  return JSON.parse(stdout) as UploadOutcome // printed by that script
}

/** The most this process ever had resident. */
async function peakRssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
}

test(`${BODIES} bodies of 8 MiB at once through one link, while logs are followed: all intact, logs prompt, memory flat`, async () => {
  const deployed = await demo.cli(
    'app',
    'deploy',
    'ticks',
    '--peer',
    'b',
    '--image',
    'porpulsion/ticker',
    '--wait',
    '--',
    '--interval-ms',
    '100',
  )
  expect(deployed.code, deployed.stderr).toBe(0)

  const latencies: number[] = []
  const logs = demo.start('app', 'logs', 'ticks', '--follow', '--tail', '0', '--timestamps')
  if (logs.stdout === null) throw new Error('the log command has no output')
  const lines = createInterface(logs.stdout)
  // The log is being followed once its first line is here.
  await new Promise((resolve) => lines.once('line', resolve))
  lines.on('line', (line) => {
    const [time = ''] = line.split(' ')
    latencies.push(Date.now() - Date.parse(time))
  })

  const { url, headers } = await appOrigin(demo, 'hello')
  const order = { url: new URL('/upload', url).href, headers, bodies: BODIES, bytes: BODY_BYTES }
  const { intact, seconds } = await uploadBodies(order)
  logs.kill('SIGINT')
  const { agentA, agentB } = await demo.pids()
  const peakRss = Math.max(...(await Promise.all([agentA, agentB].map(peakRssMiB))))

  latencies.sort((one, other) => one - other)
  const p99 = latencies[Math.floor(latencies.length * 0.99)]
  const megabytesPerSecond = (BODIES * BODY_BYTES) / 1e6 / seconds
  process.stdout.write(
    `${Math.round(megabytesPerSecond)} MB/s, log latency p99 ${p99} ms of ${latencies.length} lines, peak RSS ${Math.round(peakRss)} MiB\n`,
  )
  expect(intact).toBe(BODIES)
  expect(latencies.length).toBeGreaterThan(10)
  expect(p99, 'log latency p99').toBeLessThanOrEqual(MAX_LOG_LATENCY_MS)
  expect(peakRss, 'peak RSS of the agents in MiB').toBeLessThanOrEqual(MAX_RSS_MIB)
}, 300_000)
