/** The fairness of a link on a real path: sockets of this machine with all they buffer, 50 Mbit/s and 80 ms between. */
import { once } from 'node:events'
import { Duplex, PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { knownAs } from '../../packages/agent/test/support/memory-directory.ts'
import {
  aSocketAgent,
  connected,
  whenLink,
} from '../../packages/agent/test/support/socket-agents.ts'
import { aTcpProxy } from '../../packages/agent/test/support/tcp-proxy.ts'
import { report } from '../support/report.ts'

const rttMs = 80
const bytesPerSecond = 6_250_000
const echoPort = 7
const { signal } = new AbortController()

test('sixty-four bulk streams leave an echo beside them within a round trip and 100 ms', async () => {
  let received = 0
  const sink = (): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        received += chunk.length
        done()
      },
    })
  const b = await aSocketAgent('b', {
    acceptTcp: (_caller, { port }) =>
      Promise.resolve(port === echoPort ? new PassThrough() : sink()),
  })
  const a = await aSocketAgent('a')
  const proxy = await aTcpProxy(b.port, { delayMs: rttMs / 2, bytesPerSecond })
  a.directory.put(knownAs('b', b.identity, { url: proxy.url }))
  b.directory.put(knownAs('a', a.identity))
  a.links.start()
  b.links.start()
  await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
  const open = (port: number): Promise<Duplex> =>
    a.links.openTcp(b.identity.fingerprint, { app: 'x', port }, signal)

  const bulk = await Promise.all(Array.from({ length: 64 }, () => open(9)))
  for (const stream of bulk) pump(stream)
  const echo = await open(echoPort)
  await wait(8_000)
  const before = { received, at: performance.now() }
  const times: number[] = []
  for (let i = 0; i < 100; i++) {
    const askedAt = performance.now()
    echo.write(Buffer.alloc(100))
    await once(echo, 'data')
    times.push(performance.now() - askedAt)
    await wait(50)
  }
  const rate = (received - before.received) / ((performance.now() - before.at) / 1_000)
  for (const stream of [...bulk, echo]) stream.destroy()
  times.sort((x, y) => x - y)
  const [p50Ms = NaN, p99Ms = NaN] = [times[49], times[98]]
  report('fair-link', {
    echoP50Ms: Math.round(p50Ms),
    echoP99Ms: Math.round(p99Ms),
    rateOfLine: (rate / bytesPerSecond).toFixed(2),
  })
  expect(p99Ms).toBeLessThan(rttMs + 100)
  expect(rate / bytesPerSecond).toBeGreaterThan(0.8)
})

function pump(stream: Duplex): void {
  const chunk = Buffer.alloc(64 * 1024)
  const go = (): void => {
    while (!stream.destroyed && stream.write(chunk));
  }
  stream.on('drain', go)
  stream.on('error', () => undefined)
  go()
}
