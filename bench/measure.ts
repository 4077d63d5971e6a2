/** What is measured of one path: small requests at several concurrencies, and one large body. */
import { request, Agent } from 'node:http'
import autocannon from 'autocannon'

export interface Row {
  readonly path: string
  readonly metric: 'requestsPerSecond' | 'p50Ms' | 'p99Ms' | 'megabytesPerSecond' | 'peakRssMiB'
  readonly connections: number
  readonly value: number
  readonly unit: string
}

export interface Target {
  readonly path: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const SMALL_BODY = '/bytes/1024'

export async function measureRequests(
  target: Target,
  connections: number,
  seconds: number,
): Promise<Row[]> {
  const result = await autocannon({
    url: new URL(SMALL_BODY, target.url).href,
    headers: target.headers,
    connections,
    duration: seconds,
  })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${target.path}: ${result.non2xx} answers were no success, ${result.errors} failed`,
    )
  }
  const row = (metric: Row['metric'], value: number, unit: string): Row => ({
    path: target.path,
    metric,
    connections,
    value,
    unit,
  })
  return [
    row('requestsPerSecond', result.requests.average, 'req/s'),
    row('p50Ms', result.latency.p50, 'ms'),
    row('p99Ms', result.latency.p99, 'ms'),
  ]
}

/** Reads one body of `bytes` per connection, all at once. */
export async function measureBody(
  target: Target,
  bytes: number,
  connections: number,
): Promise<Row> {
  const agent = new Agent({ keepAlive: false })
  const started = performance.now()
  const read = await Promise.all(
    Array.from({ length: connections }, () => download(target, bytes, agent)),
  )
  const seconds = (performance.now() - started) / 1_000
  const total = read.reduce((sum, one) => sum + one, 0)
  if (total !== bytes * connections)
    throw new Error(`${target.path}: ${total} bytes arrived of ${bytes * connections}`)
  return {
    path: target.path,
    metric: 'megabytesPerSecond',
    connections,
    value: total / 1e6 / seconds,
    unit: 'MB/s',
  }
}

function download(target: Target, bytes: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(`/bytes/${bytes}`, target.url)
    request(url, { agent, headers: target.headers }, (response) => {
      let read = 0
      response.on('data', (chunk: Buffer) => (read += chunk.length))
      response.on('end', () => resolve(read))
      response.on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}
