/**
 * `make bench`: one pod reached by every path there is, interleaved in one run so that the ratios mean something on any
 * machine. Writes bench/results.json and prints the tables. A path that fails is named, the others are measured all the
 * same, and the exit code is 1.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureBodies, measureRequests } from './measure.ts'
import { directPath } from './paths/direct.ts'
import { httpProxyPath } from './paths/http-proxy.ts'
import { kubectlPath } from './paths/kubectl.ts'
import { localServicePath } from './paths/local-service.ts'
import { LeftOut, type Path, type PathName } from './paths/path.ts'
import { pipePath } from './paths/pipe.ts'
import { sshPath } from './paths/ssh.ts'
import { tcpTunnelPath } from './paths/tcp-tunnel.ts'
import { summary, type Row } from './rows.ts'
import { ratioTable, table, targetTable } from './table.ts'
import { startWorld } from './world.ts'

const budgetMs = 7.5 * 60_000
const requestMs = 2_000
const bodyBytes = 128 * 1024 * 1024
/** Rounds of the same are only repeated as long as there is time. */
const rounds = 2
const measureTimeoutMs = 90_000

const startedAt = performance.now()
const say = (text: string): boolean => process.stdout.write(`${text}\n`)
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort())

const failures: string[] = []
const paths: Path[] = []
const { demo, app, pod } = await startWorld()
try {
  await start('direct', () => directPath(pod))
  await start('pipe', () => pipePath(pod))
  await start('tcp-tunnel', () => tcpTunnelPath(demo, app, pod))
  await start('local-service', () => localServicePath(demo, app))
  await start('http-proxy', () => httpProxyPath(demo, app))
  await start('ssh-L', () => sshPath(pod))
  await start('kubectl-port-forward', () => kubectlPath(demo, pod))
  const rows: Row[] = []
  for (const connections of [1, 32, 256]) {
    rows.push(
      ...(await interleaved(`${connections} connections`, (path, signal) =>
        measureRequests(path, connections, requestMs, signal),
      )),
    )
  }
  for (const connections of [1, 8]) {
    rows.push(
      ...(await interleaved(`${connections} bodies`, (path, signal) =>
        measureBodies(path, connections, bodyBytes, signal),
      )),
    )
  }
  const results = summary(rows)
  const file = join(import.meta.dirname, 'results.json')
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`)
  say(`\n${table(results)}\n\n${ratioTable(results)}\n\n${targetTable(results)}`)
} finally {
  await Promise.allSettled(paths.map(async (path) => await path.stop()))
  await demo.remove()
}
for (const failure of failures) process.stderr.write(`${failure}\n`)
process.exitCode = failures.length > 0 || interrupted.signal.aborted ? 1 : 0

async function start(name: PathName, begin: () => Path | Promise<Path>): Promise<void> {
  if (interrupted.signal.aborted) return
  try {
    paths.push(await begin())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof LeftOut) say(`${name} is left out: ${reason}`)
    else failures.push(`${name} could not be started: ${reason}`)
  }
}

/** Path by path, then again: what else the machine does then hits all alike. */
async function interleaved(
  what: string,
  measure: (path: Path, signal: AbortSignal) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = []
  const began = performance.now()
  for (let round = 0; round < rounds; round += 1) {
    const tookMs = round === 0 ? 0 : performance.now() - began
    if (performance.now() + tookMs - startedAt > budgetMs) break
    say(`${what}, round ${round + 1}`)
    for (const path of [...paths]) {
      const leftMs = Math.max(1, Math.ceil(budgetMs - (performance.now() - startedAt)))
      const timeout = AbortSignal.timeout(Math.min(measureTimeoutMs, leftMs))
      const signal = AbortSignal.any([timeout, interrupted.signal])
      try {
        rows.push(...(await measure(path, signal)))
      } catch (error) {
        failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
        paths.splice(paths.indexOf(path), 1)
        await path.stop()
      }
    }
  }
  return rows
}
