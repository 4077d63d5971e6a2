import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemo, type Demo } from './support/demo.ts'

const BODIES = 100
const BODY_BYTES = 8 * 1024 * 1024
const MAX_LOG_LATENCY_MS = 200
const MAX_RSS_MIB = 250

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.remove())

async function url(app: string): Promise<string> {
  const { code, stdout, stderr } = await demo.cli('app', 'url', app)
  expect(code, stderr).toBe(0)
  return stdout.trim()
}

/** Sends a body up and gets its hash back from the far end, through one link. */
function upload(target: URL, body: Buffer, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent, headers: { 'content-length': body.length } }
    const sent = request(target, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function rssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
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
  createInterface(logs.stdout).on('line', (line) => {
    const [time = ''] = line.split(' ')
    latencies.push(Date.now() - Date.parse(time))
  })

  const target = new URL(await url('hello'))
  target.pathname = '/upload'
  const agent = new Agent({ keepAlive: true })
  let peakRss = 0
  const { agentA, agentB } = await demo.pids()
  const watch = setInterval(() => {
    void Promise.all([rssMiB(agentA), rssMiB(agentB)]).then((sizes) => {
      peakRss = Math.max(peakRss, ...sizes)
    })
  }, 100)

  const answers = await Promise.all(
    Array.from({ length: BODIES }, async (_, index) => {
      const body = Buffer.alloc(BODY_BYTES, index + 1)
      const answer: unknown = JSON.parse(await upload(target, body, agent))
      return { answer, sha256: createHash('sha256').update(body).digest('hex') }
    }),
  )
  clearInterval(watch)
  logs.kill('SIGINT')

  for (const { answer, sha256 } of answers)
    expect(answer).toMatchObject({ bytes: BODY_BYTES, sha256 })
  latencies.sort((one, other) => one - other)
  const p99 = latencies[Math.floor(latencies.length * 0.99)]
  expect(latencies.length).toBeGreaterThan(10)
  expect(p99, `log latency p99 of ${latencies.length} lines`).toBeLessThanOrEqual(
    MAX_LOG_LATENCY_MS,
  )
  expect(peakRss, 'peak RSS of the agents in MiB').toBeLessThanOrEqual(MAX_RSS_MIB)
}, 300_000)
