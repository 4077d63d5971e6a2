import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  defaultSettings,
  peerEndpoints,
  PorpulsionError,
  type OwnIdentity as IdentityView,
} from '@porpulsion/contract'
import { onTestFinished } from 'vitest'
import type { PeerHandlers } from '../../src/api/index.ts'
import { noAudit, type AuditFacts } from '../../src/audit/index.ts'
import { createMemoryDocumentStore } from '../../src/documents/memory-document-store.ts'
import { createPeerApi } from '../../src/http/index.ts'
import { createLinks, type Links } from '../../src/links/index.ts'
import { createLogger, systemClock } from '../../src/observability/index.ts'
import {
  createPeers,
  identityMessages,
  loadIdentity,
  met,
  type IdentityStore,
  type OwnIdentity,
  type Peers,
} from '../../src/peers/index.ts'
import type { IdentityRecord } from '../../src/peers/identity-record.ts'
import { IdentityRenewalController } from '../../src/renewal/index.ts'
import { createMemoryPeerStore, type MemoryPeerStore } from './memory-peer-store.ts'

/** One life of an agent: what a process holds, and what ends with it. */
interface Life {
  readonly identity: OwnIdentity
  readonly peers: Peers
  readonly links: Links
  readonly renewal: IdentityRenewalController
  readonly audited: AuditFacts[]
  readonly notified: string[]
  stop(): Promise<void>
}

export interface RenewingAgent {
  readonly name: string
  readonly url: string
  /** Of the CA it was made with. */
  readonly id: string
  readonly store: MemoryPeerStore
  readonly secret: MemoryIdentityStore
  /** Of the life it has now. */
  readonly life: Life
  /** Without a goodbye: what was not stored is lost. */
  kill(): Promise<void>
  start(): Promise<void>
  view(): IdentityView
  /** The revoked list, as stored. */
  revokedText(): Promise<string>
}

export interface MemoryIdentityStore extends IdentityStore {
  record: IdentityRecord | undefined
  /** The write after this many succeed fails, and so does every other until it is undefined. */
  writesLeft: number | undefined
}

/** A Secret with versions, whose API server can be lost. */
function createMemoryIdentityStore(): MemoryIdentityStore {
  let version = 1
  const store: MemoryIdentityStore = {
    record: undefined,
    writesLeft: undefined,
    read: () => Promise.resolve(stored()),
    create(keys) {
      store.record = { keys, sequence: 0, former: [], stage: { kind: 'Settled' } }
      return Promise.resolve(stored())
    },
    replace({ record, version: expected }) {
      if (expected !== String(version)) return Promise.resolve(undefined)
      if (store.writesLeft === 0) return Promise.reject(new Error('The API server is away'))
      if (store.writesLeft !== undefined) store.writesLeft--
      store.record = record
      version++
      return Promise.resolve(String(version))
    },
    hasPeers: () => Promise.resolve(false),
  }
  const stored = () => store.record && { record: store.record, version: String(version) }
  return store
}

export interface RenewingOptions {
  /** As an agent of the version before knows it: no word of identities. */
  readonly isOld?: boolean
}

/** Identity, peers, links over real sockets and the peer API; no apps, no cluster. */
export async function aRenewingAgent(
  name: string,
  { isOld = false }: RenewingOptions = {},
): Promise<RenewingAgent> {
  const store = createMemoryPeerStore(() => Date.now())
  const secret = createMemoryIdentityStore()
  const documents = { invites: createMemoryDocumentStore(), revoked: createMemoryDocumentStore() }
  let life: Life | undefined
  const server = createServer()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (life === undefined) socket.destroy()
    else life.links.accept(request, socket, head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const start = async (): Promise<void> => {
    life = await live(name, { store, secret, documents, isOld })
  }
  const kill = async (): Promise<void> => {
    const dead = life
    life = undefined
    await dead?.stop()
  }
  const alive = (): Life => {
    if (life === undefined) throw new Error(`${name} is not running`)
    return life
  }
  onTestFinished(async () => {
    await kill()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  await start()
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    id: alive().identity.fingerprint,
    store,
    secret,
    get life() {
      return alive()
    },
    kill,
    start,
    view: () => alive().renewal.view(),
    revokedText: async () => (await documents.revoked.read())?.text ?? '',
  }
}

const unknownRoute = (): Promise<never> =>
  Promise.reject(new PorpulsionError('NotFound', 'RouteNotFound', 'There is no such thing here'))

const oldHandlers: PeerHandlers = {
  getPinnedIdentity: unknownRoute,
  putIdentityRenewal: unknownRoute,
  withdrawIdentityRenewal: unknownRoute,
}

/** Nothing here asks for them. */
const otherHandlers = (): PeerHandlers =>
  Object.fromEntries(
    Object.keys(peerEndpoints)
      .filter((endpoint) => !(endpoint in oldHandlers))
      .map((endpoint) => [endpoint, unknownRoute]),
  )

interface Stores {
  readonly store: MemoryPeerStore
  readonly secret: MemoryIdentityStore
  readonly documents: Record<'invites' | 'revoked', ReturnType<typeof createMemoryDocumentStore>>
  readonly isOld: boolean
}

async function live(name: string, { store, secret, documents, isOld }: Stores): Promise<Life> {
  const abort = new AbortController()
  const logger = createLogger({ level: 'silent', agent: name })
  const random = { next: () => 0.01 }
  const base = { clock: systemClock, random, logger, report: () => undefined }
  const audited: AuditFacts[] = []
  const notified: string[] = []
  const audit = { record: (facts: AuditFacts) => void audited.push(facts) }
  const notify = ({ reason }: { readonly reason: string }) => {
    notified.push(reason)
    return Promise.resolve()
  }
  const identity = await loadIdentity({ ...base, store: secret }, { name }, abort.signal)
  const peers = createPeers(
    {
      ...base,
      identity,
      store,
      inviteDocument: documents.invites,
      revocationDocument: documents.revoked,
      redeemClient: { post: () => Promise.reject(new Error('Nobody invites here')) },
      settings: () => defaultSettings,
      audit,
      publish: () => undefined,
      notify,
      onMet: (fingerprint) => identity.update((record) => met(record, fingerprint), abort.signal),
    },
    { selfUrl: `https://${name}.example` },
  )
  const { renewals } = peers
  const { clock } = base
  const peerApi = createPeerApi({
    handlers: [otherHandlers(), isOld ? oldHandlers : identityMessages({ renewals, clock })],
    audit: noAudit,
    logger,
  })
  const links = createLinks(
    {
      ...base,
      identity,
      directory: peers.directory,
      services: {
        servePeerApi: (duplex, peer) => peerApi.serve(duplex, peer),
        acceptTcp: () => Promise.reject(new Error('No target')),
        acceptExec: () => Promise.reject(new Error('No target')),
      },
      settings: () => defaultSettings,
      audit: noAudit,
      onProven: (fingerprint, ca) => peers.proven(fingerprint, ca),
    },
    { agentVersion: '0.1.0' },
  )
  peers.observeLinks(links)
  const renewal = new IdentityRenewalController({
    ...base,
    identity,
    directory: peers.directory,
    links,
    peers,
    audit,
    notify,
  })
  await peers.load(abort.signal)
  await peerApi.start()
  peers.start()
  links.start()
  renewal.start()
  return {
    identity,
    peers,
    links,
    renewal,
    audited,
    notified,
    async stop() {
      abort.abort()
      await Promise.all([renewal.stop(), links.stop(), peers.stop()])
      await peerApi.stop()
    },
  }
}

/** As if an invite had been redeemed and confirmed on both sides. */
export function befriend(a: RenewingAgent, b: RenewingAgent, { bDials = true } = {}): void {
  const spec = (other: RenewingAgent, url: boolean) => ({
    caCertificate: other.life.identity.caCertificatePem,
    fingerprint: other.life.identity.fingerprint,
    confirmed: true,
    ...(url && { url: other.url }),
  })
  a.store.apply(b.name, spec(b, true))
  b.store.apply(a.name, spec(a, bDials))
}
