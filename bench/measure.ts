/** What is measured of one path: small requests at several concurrencies, and large bodies both ways. */
import { HttpConnection } from './http-connection.ts'
import type { Path } from './paths/path.ts'
import { cpuSeconds, forgetPeaks, peakRssMiB } from './process-usage.ts'
import { row, type Row } from './rows.ts'

const answerBytes = 1024
const warmUpMs = 300

export async function measureRequests(
  path: Path,
  connections: number,
  durationMs: number,
  signal: AbortSignal,
): Promise<Row[]> {
  const pids = await path.pids()
  await forgetPeaks(pids)
  const latencies = await withConnections(path, connections, signal, async (open) => {
    // An answer on each: a connection that is accepted may still have its way to the pod before it.
    await Promise.all(open.map((one) => one.download(answerBytes)))
    return await requestInTurns(open, durationMs)
  })
  if (latencies.length === 0) throw new Error(`${path.path}: no request was answered in time`)
  latencies.sort()
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
  return [
    row(path.path, 'requestsPerSecond', connections, (latencies.length / durationMs) * 1_000),
    row(path.path, 'p50Ms', connections, at(0.5)),
    row(path.path, 'p99Ms', connections, at(0.99)),
    ...(await memory(path, pids, connections)),
  ]
}

/** Each connection sends its next request when it has its answer. What began in the warm-up does not count. */
function requestInTurns(
  connections: readonly HttpConnection[],
  durationMs: number,
): Promise<Float64Array> {
  return new Promise((resolve, reject) => {
    const counted: number[] = []
    const beginsAt = performance.now() + warmUpMs
    const endsAt = beginsAt + durationMs
    let left = connections.length
    for (const connection of connections) {
      const request = connection.getBytes(answerBytes)
      const next = (): void => {
        const sentAt = performance.now()
        connection.exchange(request, (error) => {
          if (error !== undefined) {
            reject(error)
            return
          }
          const now = performance.now()
          if (now < endsAt) {
            if (sentAt >= beginsAt) counted.push(now - sentAt)
            next()
          } else if (--left === 0) {
            resolve(Float64Array.from(counted))
          }
        })
      }
      next()
    }
  })
}

/** One body per connection, all at once: first down, then up. */
export async function measureBodies(
  path: Path,
  connections: number,
  bodyBytes: number,
  signal: AbortSignal,
): Promise<Row[]> {
  const pids = await path.pids()
  await forgetPeaks(pids)
  const cpuBefore = await cpuSeconds(pids)
  const seconds = await withConnections(path, connections, signal, async (open) => {
    const started = performance.now()
    await Promise.all(open.map((one) => one.download(bodyBytes)))
    const turned = performance.now()
    await Promise.all(open.map((one) => one.upload(bodyBytes)))
    return { down: (turned - started) / 1_000, up: (performance.now() - turned) / 1_000 }
  })
  const eachWay = (connections * bodyBytes) / 1e6
  process.stdout.write(
    `  ${path.path} c=${connections}: ${(eachWay / seconds.down).toFixed(0)} MB/s down, ${(eachWay / seconds.up).toFixed(0)} MB/s up\n`,
  )
  const moved = 2 * eachWay
  const rows = [
    row(path.path, 'megabytesPerSecond', connections, moved / (seconds.down + seconds.up)),
    ...(await memory(path, pids, connections)),
  ]
  if (pids.length === 0) return rows
  const cpu = (await cpuSeconds(pids)) - cpuBefore
  return [...rows, row(path.path, 'cpuSecondsPerGB', connections, (cpu / moved) * 1_000)]
}

async function memory(path: Path, pids: readonly number[], connections: number): Promise<Row[]> {
  return pids.length === 0
    ? []
    : [row(path.path, 'peakRssMiB', connections, await peakRssMiB(pids))]
}

async function withConnections<T>(
  path: Path,
  count: number,
  signal: AbortSignal,
  use: (connections: readonly HttpConnection[]) => Promise<T>,
): Promise<T> {
  const open: HttpConnection[] = []
  const giveUp = (): void => {
    for (const one of open) one.fail(new Error('it took too long'))
  }
  signal.addEventListener('abort', giveUp)
  try {
    // One after the other: how fast connections come about is not what is measured.
    for (let i = 0; i < count; i += 1) {
      if (signal.aborted) throw new Error(`${path.path}: it took too long`)
      open.push(await HttpConnection.open(path))
    }
    return await use(open)
  } finally {
    signal.removeEventListener('abort', giveUp)
    for (const one of open) one.close()
  }
}
