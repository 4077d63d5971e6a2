/**
 * Many agents with nothing above their links, in one process: usage `tsx many-agents-main.ts <JSON of ManyAgents>`.
 * Prints their CA certificates as a JSON array, one line; then they dial whenever they are not linked, for ever.
 */
import { createServer } from 'node:http'
import { defaultSettings } from '@porpulsion/contract'
import {
  knownAs,
  createMemoryDirectory,
} from '../../packages/agent/test/support/memory-directory.ts'
import { anIdentity } from '../../packages/agent/test/support/identities.ts'
import { noAudit } from '../../packages/agent/src/audit/index.ts'
import { createLinks } from '../../packages/agent/src/links/index.ts'
import {
  createLogger,
  systemClock,
  systemRandom,
} from '../../packages/agent/src/observability/index.ts'
import type { Identity } from '../../packages/agent/src/peers/index.ts'

export interface ManyAgents {
  readonly count: number
  /** Whom all of them dial. */
  readonly url: string
  readonly caCertificatePem: string
  readonly fingerprint: string
}

const order = JSON.parse(process.argv[2] ?? '') as ManyAgents // given by the test that starts this
const identities = await Promise.all(
  Array.from({ length: order.count }, (_, i) => anIdentity(`sim-${i}`)),
)
for (const identity of identities) startOne(identity)
process.stdout.write(
  `${JSON.stringify(identities.map(({ caCertificatePem }) => caCertificatePem))}\n`,
)
// Its timers alone would not keep the process.
setInterval(() => undefined, 60_000)

function startOne(identity: Identity): void {
  const directory = createMemoryDirectory()
  directory.put(knownAs('hub', { ...identity, ...order }, { url: order.url }))
  const peerApi = createServer((_request, response) => {
    // It has no apps, and knows of none.
    response.writeHead(404, { 'content-type': 'application/problem+json' })
    response.end('{"title":"NotFound","status":404,"code":"RouteNotFound","detail":"Simulated"}')
  })
  createLinks(
    {
      identity,
      directory,
      services: {
        servePeerApi: (duplex) => peerApi.emit('connection', duplex),
        acceptTcp: () => Promise.reject(new Error('No target')),
        acceptExec: () => Promise.reject(new Error('No target')),
      },
      settings: () => defaultSettings,
      clock: systemClock,
      random: systemRandom,
      logger: createLogger({ level: 'silent', agent: identity.name }),
      audit: noAudit,
    },
    { agentVersion: '0.1.0' },
  ).start()
}
