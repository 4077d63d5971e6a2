import { defaultSettings, PorpulsionError, toProblem, type ApiEvent } from '@porpulsion/contract'
import { FakeClock, evenRandom } from '@porpulsion/kube/testing'
import { onTestFinished } from 'vitest'
import type { AuditFacts } from '../../src/audit/index.ts'
import { createMemoryDocumentStore } from '../../src/documents/memory-document-store.ts'
import { createLogger } from '../../src/observability/index.ts'
import { createPeers, type Identity, type Peers } from '../../src/peers/index.ts'
import type { RedeemAnswer, RedeemClient } from '../../src/peers/redeem-client.ts'
import { anIdentity } from './identities.ts'
import { createMemoryPeerStore, type MemoryPeerStore } from './memory-peer-store.ts'

export interface PeeringAgent {
  readonly peers: Peers
  readonly identity: Identity
  readonly store: MemoryPeerStore
  readonly invites: ReturnType<typeof createMemoryDocumentStore>
  readonly revoked: ReturnType<typeof createMemoryDocumentStore>
  readonly events: ApiEvent[]
  readonly notified: string[]
  readonly audited: AuditFacts[]
}

/** What stands between redeemer and inviter; a test may look at it, change it, lose it. */
export type Wire = (
  request: unknown,
  deliver: (request: unknown) => Promise<RedeemAnswer>,
) => Promise<RedeemAnswer>

export interface World {
  readonly clock: FakeClock
  agent(name: string, options?: { autoConfirm?: boolean; url?: boolean }): Promise<PeeringAgent>
  wire: Wire
}

/** Agents that can redeem each other's invites, without sockets and without a cluster. */
export function aWorld(): World {
  const clock = new FakeClock()
  const byUrl = new Map<string, Peers>()
  const world: World = { clock, agent, wire: (request, deliver) => deliver(request) }

  const client: RedeemClient = {
    post: (url, request) =>
      world.wire(JSON.parse(JSON.stringify(request)), async (sent) => {
        const peers = byUrl.get(url)
        if (peers === undefined) throw new Error(`Nobody at ${url}`)
        return await answered(peers, sent)
      }),
  }

  async function agent(
    name: string,
    { autoConfirm = false, url = true }: { autoConfirm?: boolean; url?: boolean } = {},
  ): Promise<PeeringAgent> {
    const identity = await anIdentity(name, clock)
    const store = createMemoryPeerStore(() => clock.now())
    const invites = createMemoryDocumentStore()
    const revoked = createMemoryDocumentStore()
    const events: ApiEvent[] = []
    const notified: string[] = []
    const audited: AuditFacts[] = []
    const selfUrl = `https://${name}.example`
    const peers = createPeers(
      {
        identity,
        store,
        inviteDocument: invites,
        revocationDocument: revoked,
        redeemClient: client,
        settings: () => ({
          ...defaultSettings,
          peering: { ...defaultSettings.peering, autoConfirm },
        }),
        clock,
        random: evenRandom,
        logger: createLogger({ level: 'silent', agent: name }),
        audit: { record: (facts) => void audited.push(facts) },
        report: () => undefined,
        onMet: () => Promise.resolve(),
        publish: (event) => events.push(event),
        notify: ({ reason }) => {
          notified.push(reason)
          return Promise.resolve()
        },
      },
      url ? { selfUrl } : {},
    )
    byUrl.set(selfUrl, peers)
    const stop = new AbortController()
    onTestFinished(async () => {
      stop.abort()
      await peers.stop()
    })
    await peers.load(stop.signal)
    peers.start()
    return { peers, identity, store, invites, revoked, events, notified, audited }
  }

  return world
}

/** As the server on the peer-facing port answers. */
export async function answered(peers: Peers, request: unknown): Promise<RedeemAnswer> {
  try {
    return { status: 200, body: await peers.redeem(request, '192.0.2.1') }
  } catch (error) {
    if (!(error instanceof PorpulsionError)) throw error
    const problem = toProblem(error)
    return { status: problem.status, body: problem }
  }
}
