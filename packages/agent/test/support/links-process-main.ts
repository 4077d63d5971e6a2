/**
 * The links of one agent in a process of their own, so that what a peer does to them can be measured: memory, handles,
 * and how long others wait. Started by links-process.ts.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { defaultSettings } from '@porpulsion/contract'
import { noAudit } from '../../src/audit/index.ts'
import { createLinks } from '../../src/links/index.ts'
import { createLogger, systemClock, systemRandom } from '../../src/observability/index.ts'
import { anIdentity } from './identities.ts'
import { createMemoryDirectory, knownAs } from './memory-directory.ts'
import { Port, type Answer, type Order, type Question } from './links-process.ts'

const name = process.argv[2] ?? ''
const identity = await anIdentity(name)
const directory = createMemoryDirectory()
const peerApi = createServer({ headersTimeout: 0, requestTimeout: 0 }, (_request, response) => {
  response.setHeader('content-type', 'application/json')
  const { fingerprint } = identity
  response.end(JSON.stringify({ name, fingerprint, version: '0', policyRevision: '0' }))
})
peerApi.keepAliveTimeout = 0
const links = createLinks(
  {
    identity,
    directory,
    services: {
      servePeerApi: (duplex) => peerApi.emit('connection', duplex),
      acceptTcp: (_caller, { port }) => Promise.resolve(appAt(port)),
      acceptExec: () => Promise.reject(new Error('No target')),
    },
    settings: () => defaultSettings,
    clock: systemClock,
    random: systemRandom,
    logger: createLogger({ level: 'silent', agent: name }),
    audit: noAudit,
  },
  { agentVersion: '0.1.0' },
)
links.start()

const server = createServer()
server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
  links.accept(request, socket, head),
)
server.listen(0, '0.0.0.0')
await new Promise((resolve) => server.once('listening', resolve))

let peakRssBytes = 0
setInterval(() => (peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss())), 20)

/** Processor time of each turn of the event loop that did something: what others wait for, also on a busy machine. */
let turnsMs: number[] = []
let usage = process.cpuUsage()
setInterval(() => {
  const { user, system } = process.cpuUsage(usage)
  usage = process.cpuUsage()
  turnsMs.push((user + system) / 1_000)
}, 1)

process.on('message', ({ id, order }: Question) => {
  void obey(order).then((answer) => process.send?.({ id, answer }))
})
process.on('disconnect', () => process.exit(0))

async function obey(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'introduce':
      return {
        fingerprint: identity.fingerprint,
        caCertificatePem: identity.caCertificatePem,
        port: (server.address() as AddressInfo).port, // listening on TCP
      }
    case 'know': {
      const { peer } = order
      directory.put(knownAs(peer.name, { ...identity, ...peer }, peer))
      return {}
    }
    case 'state':
      return { state: links.view(order.fingerprint).state }
    case 'memory': {
      const turns = turnsMs
      globalThis.gc?.()
      globalThis.gc?.()
      turnsMs = []
      usage = process.cpuUsage()
      const { heapUsed, arrayBuffers, external } = process.memoryUsage()
      const peak = peakRssBytes
      peakRssBytes = process.memoryUsage.rss()
      return {
        retainedBytes: heapUsed + Math.max(arrayBuffers, external),
        rssBytes: process.memoryUsage.rss(),
        peakRssBytes: peak,
        turnsMs: turns,
        handles: process.getActiveResourcesInfo().length,
        openStreams: links.facts(order.fingerprint).openStreams,
      }
    }
    case 'echo':
      return { echoMs: await echo(order.fingerprint, order.forMs) }
    default:
      return order satisfies never
  }
}

/** How long each of many small questions took, one after the other. */
async function echo(fingerprint: string, forMs: number): Promise<number[]> {
  const signal = AbortSignal.timeout(forMs + 20_000)
  const stream = await links.openTcp(fingerprint, { app: 'echo', port: Port.echo }, signal)
  const times: number[] = []
  const question = Buffer.alloc(100)
  try {
    for (const endsAt = performance.now() + forMs; performance.now() < endsAt;) {
      const askedAt = performance.now()
      await answered(stream, question)
      times.push(performance.now() - askedAt)
      await wait(2)
    }
  } finally {
    stream.destroy()
  }
  return times
}

function answered(stream: Duplex, question: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = question.length
    const take = (bytes: Buffer): void => {
      left -= bytes.length
      if (left > 0) return
      stream.off('data', take).off('error', reject)
      resolve()
    }
    stream.on('data', take).once('error', reject)
    stream.write(question)
  })
}

function appAt(port: number): Duplex {
  switch (port) {
    case Port.echo:
      return new PassThrough()
    case Port.endless:
      return endless()
    default:
      // Takes what comes first and never asks for more.
      return new Duplex({ read: () => undefined, write: () => undefined })
  }
}

function endless(): Duplex {
  return new Duplex({
    read() {
      this.push(Buffer.alloc(64 * 1024))
    },
    write: (_chunk, _encoding, done) => done(),
  })
}
