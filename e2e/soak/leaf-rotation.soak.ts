/** Certificates of a minute for ten minutes: sessions are replaced again and again, and nobody who uses them notices. */
import { Agent } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair, type Usage } from '../support/pair.ts'
import { quantile, report } from '../support/report.ts'

/** Shorter, to look at it. */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? '10')
const LEAF_SECONDS = 60
/** What load costs a process that has just started is no leak: it is measured from here on. */
const WARM_MS = Math.min(60_000, (MINUTES * 60_000) / 2)
const MAX_GROWTH_MIB = 60
const MAX_GROWTH_HANDLES = 12
const CALLERS = 4
const DOWNLOAD_BYTES_PER_SECOND = 256 * 1024

let pair: Pair
beforeAll(async () => {
  pair = await openPair({ env: { PORPULSION_LEAF_LIFETIME_SECONDS: String(LEAF_SECONDS) } })
  const deploy = ['app', 'deploy', 'web', '--peer', 'b', '--image', 'porpulsion/hello']
  await pair.a.cli.out([...deploy, '--port', '8080', '--wait'])
})
afterAll(() => pair.close())

/** Reads on, at a pace, for as long as the test goes; the bytes it got, or why it ended before. */
async function download(untilMs: number): Promise<number | string> {
  const answer = await pair.a.openApp('web', `/bytes/${64 * 1024 ** 3}`)
  const started = performance.now()
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (performance.now() > untilMs) return bytes
      const dueMs = (bytes / DOWNLOAD_BYTES_PER_SECOND) * 1_000 - (performance.now() - started)
      if (dueMs > 10) await wait(dueMs)
    }
    return 'it ended before its time'
  } catch (error) {
    return String(error)
  }
}

test(`for ${MINUTES} min no request fails, and a download and a command go on, while certificates live ${LEAF_SECONDS} s`, async () => {
  const { a, b } = pair
  const untilMs = performance.now() + MINUTES * 60_000
  const failures: string[] = []
  const latencies: number[] = []
  const agent = new Agent({ keepAlive: true })
  const call = async (): Promise<void> => {
    const started = performance.now()
    try {
      const answer = await a.openApp('web', '/', { agent })
      const body = await text(answer)
      if (answer.statusCode !== 200) failures.push(`${answer.statusCode}: ${body.slice(0, 300)}`)
    } catch (error) {
      failures.push(String(error))
    }
    latencies.push(performance.now() - started)
  }
  const caller = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      await call()
      await wait(20)
    }
  }
  const downloaded = download(untilMs)
  const command = a.cli.start([
    'app',
    'exec',
    'web',
    '--',
    'sh',
    '-c',
    'while :; do echo tick; sleep 1; done',
  ])
  let ticks = 0
  if (command.stdout === null) throw new Error('The command has no output')
  createInterface(command.stdout).on('line', () => ticks++)
  const states = new Set<string>()
  const watch = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      for (const status of await Promise.all([a.link(b), b.link(a)])) states.add(status?.link ?? '')
      await wait(500)
    }
  }
  const usage = (): Promise<Usage[]> =>
    Promise.all([a.usageWithoutGarbage(), b.usageWithoutGarbage()])
  const warm = wait(WARM_MS).then(usage)
  await Promise.all([watch(), ...Array.from({ length: CALLERS }, caller)])
  const [before, after] = [await warm, await usage()]
  const bytes = await downloaded
  const isRunning = command.exitCode === null && command.signalCode === null
  command.kill('SIGINT')
  agent.destroy()
  const sessions = a.log.filter((line) => line.includes('"Session came up"')).length
  report('leaf-rotation', {
    minutes: MINUTES,
    sessions,
    requests: latencies.length,
    failed: failures.length,
    p50Ms: Math.round(quantile(latencies, 0.5)),
    p99Ms: Math.round(quantile(latencies, 0.99)),
    maxMs: Math.round(Math.max(...latencies)),
    downloaded: bytes,
    commandLines: ticks,
    rssBefore: before.map(({ rssMiB }) => rssMiB).join('/'),
    rssAfter: after.map(({ rssMiB }) => rssMiB).join('/'),
    handlesBefore: before.map(({ handles }) => handles).join('/'),
    handlesAfter: after.map(({ handles }) => handles).join('/'),
  })
  expect(failures).toEqual([])
  expect(bytes).toBeTypeOf('number')
  expect(isRunning).toBe(true)
  expect(ticks).toBeGreaterThan(MINUTES * 60 * 0.8)
  expect([...states]).toEqual(['Connected'])
  // Each gives way at two thirds of its life.
  expect(sessions).toBeGreaterThanOrEqual(MINUTES)
  for (const [i, { rssMiB, handles }] of after.entries()) {
    expect(rssMiB - (before[i]?.rssMiB ?? 0)).toBeLessThanOrEqual(MAX_GROWTH_MIB)
    expect(handles - (before[i]?.handles ?? 0)).toBeLessThanOrEqual(MAX_GROWTH_HANDLES)
  }
})
