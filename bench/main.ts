/**
 * `make bench`: the same pod reached directly, through the bare pipe and through our link, interleaved in one run so
 * that the ratios mean something on any machine. Writes bench/results.json and prints the table.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Pod } from '@porpulsion/kube'
import { PEER_NAMESPACE_PREFIX } from '@porpulsion/contract'
import { appOrigin } from '../e2e/support/app-origin.ts'
import { clusterOf } from '../e2e/support/cluster.ts'
import { startDemo, type Demo } from '../e2e/support/demo.ts'
import { measureBody, measureRequests, type Row, type Target } from './measure.ts'
import { processUsage } from './process-usage.ts'
import { table } from './table.ts'

const ROUNDS = 2
const SECONDS = 3
const CONNECTIONS = [1, 32, 256] as const
const BODY_BYTES = 128 * 1024 * 1024
const APP_PORT = 8080

const demo = await startDemo()
const pipe = { stop: (): void => undefined }
try {
  const podAddress = await hostedPodAddress(demo)
  const pipePort = await startPipe(podAddress)
  const targets: readonly Target[] = [
    { path: 'direct', url: `http://${podAddress}:${APP_PORT}`, headers: {} },
    { path: 'pipe', url: `http://127.0.0.1:${pipePort}`, headers: {} },
    await tunnelTarget(demo),
  ]
  const rows = [...(await interleaved(targets)), ...(await bodies(targets))]
  const results = [...best(rows), ...(await agentUsage(demo))]
  await writeFile(
    join(import.meta.dirname, 'results.json'),
    `${JSON.stringify(results, undefined, 2)}\n`,
  )
  process.stdout.write(`${table(results)}\n`)
} finally {
  pipe.stop()
  await demo.remove()
}

/** Address of the pod that the demo runs at b. */
async function hostedPodAddress(running: Demo): Promise<string> {
  const pods = (await (await clusterOf(running.kubeconfig('b'))).list(Pod)).items
  const pod = pods.find((one) => one.metadata.namespace?.startsWith(PEER_NAMESPACE_PREFIX))
  if (pod?.status?.podIP === undefined) throw new Error('The demo runs no pod at b')
  return pod.status.podIP
}

async function startPipe(podAddress: string): Promise<number> {
  const args = [
    '--import',
    'tsx',
    join(import.meta.dirname, 'pipe.ts'),
    podAddress,
    String(APP_PORT),
  ]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  pipe.stop = () => void child.kill()
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string] // the port it listens on
  return Number(line)
}

async function tunnelTarget(running: Demo): Promise<Target> {
  const { url, headers } = await appOrigin(running, 'hello')
  return { path: 'http-proxy', url: url.origin, headers }
}

async function interleaved(targets: readonly Target[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const connections of CONNECTIONS) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const target of targets)
        rows.push(...(await measureRequests(target, connections, SECONDS)))
    }
  }
  return rows
}

async function bodies(targets: readonly Target[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const connections of [1, 8]) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const target of targets) rows.push(await measureBody(target, BODY_BYTES, connections))
    }
  }
  return rows
}

/** Of several rounds the best: what the machine can do when nothing else disturbs it. */
function best(rows: readonly Row[]): Row[] {
  const found = new Map<string, Row>()
  for (const row of rows) {
    const key = `${row.path}/${row.metric}/${row.connections}`
    const known = found.get(key)
    const isBetter =
      known === undefined || (row.unit === 'ms' ? row.value < known.value : row.value > known.value)
    if (isBetter) found.set(key, row)
  }
  return [...found.values()]
}

async function agentUsage(running: Demo): Promise<Row[]> {
  const { agentA, agentB } = await running.pids()
  const usage = await Promise.all([agentA, agentB].map(processUsage))
  const value = Math.max(...usage.map((one) => one.peakRssMiB))
  return [{ path: 'http-proxy', metric: 'peakRssMiB', connections: 256, value, unit: 'MiB' }]
}
