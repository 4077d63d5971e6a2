import { defaultSettings } from '@porpulsion/contract'
import { FakeClock, seededRandom } from '@porpulsion/kube/testing'
import { noAudit } from '../../src/audit/index.ts'
import type { Random } from '../../src/observability/index.ts'
import { createLogger } from '../../src/observability/index.ts'
import { BusyError } from '../../src/links/connector.ts'
import { createLinks, type LinksWithAdoption } from '../../src/links/links.ts'
import type { ConnectionHandler, SecureConnection } from '../../src/links/secure-connection.ts'
import type { Identity, KnownPeer } from '../../src/peers/index.ts'
import { createServer, type Server } from 'node:http'
import { anIdentity } from './identities.ts'
import { createMemoryDirectory, knownAs, type MemoryDirectory } from './memory-directory.ts'

const dayMs = 86_400_000

export interface VirtualAgent {
  readonly name: string
  readonly identity: Identity
  readonly directory: MemoryDirectory
  /** Of this life. */
  links: LinksWithAdoption
  readonly peerApi: Server
  isRunning: boolean
}

export interface VirtualNetwork {
  readonly clock: FakeClock
  readonly random: Random
  /** Connections of which neither end knows that they are over. */
  readonly open: ReadonlySet<VirtualConnection>
  /** Dials so far. */
  readonly dials: readonly { readonly from: string; readonly atMs: number }[]
  /** Making an identity takes a while: tests that need many worlds bring theirs. */
  agent(name: string, identity?: Identity): Promise<VirtualAgent>
  /** SIGKILL: connections vanish; the other end is told, or (half-open) finds out by itself. */
  kill(agent: VirtualAgent, how?: 'reset' | 'silence'): void
  start(agent: VirtualAgent): void
  /** Every connection stops carrying anything, and no end is told. */
  freeze(): void
  /** Every connection is reset. */
  cut(): void
  /** Dials fail from here on, or work again. */
  isDown: boolean
  /** Dials are refused for want of room, with this to wait; undefined: there is room. */
  busyMs: number | undefined
}

/** Agents in virtual time, with links on connections that are proven by construction. */
export function aVirtualNetwork(seed: number, maxLatencyMs = 40): VirtualNetwork {
  const clock = new FakeClock()
  const random = seededRandom(seed)
  const agents = new Map<string, VirtualAgent>()
  const open = new Set<VirtualConnection>()
  const dials: { from: string; atMs: number }[] = []
  const latencyMs = (): number => 1 + random.next() * maxLatencyMs

  const network: VirtualNetwork = {
    clock,
    random,
    open,
    dials,
    isDown: false,
    busyMs: undefined,
    async agent(name, given) {
      const peerApi = createServer((_request, response) => {
        response.setHeader('content-type', 'application/json')
        const { fingerprint } = identity
        response.end(JSON.stringify({ name, fingerprint, version: '0', policyRevision: '0' }))
      })
      const identity = given ?? (await anIdentity(name, clock))
      const directory = createMemoryDirectory()
      const agent: VirtualAgent = {
        name,
        identity,
        directory,
        peerApi,
        isRunning: false,
        links: linksOf(name, identity, directory, peerApi),
      }
      agents.set(`http://${name}`, agent)
      return agent
    },
    kill(agent, how = 'reset') {
      agent.isRunning = false
      for (const connection of [...open]) connection.vanish(agent.name, how)
      // What a dead process would still have done must not happen.
      void agent.links.stop()
      agent.links = linksOf(agent.name, agent.identity, agent.directory, agent.peerApi)
    },
    start(agent) {
      agent.isRunning = true
      agent.links.start()
    },
    freeze() {
      for (const connection of [...open]) connection.isFrozen = true
    },
    cut() {
      for (const connection of [...open]) connection.cut()
    },
  }

  function linksOf(
    name: string,
    identity: Identity,
    directory: MemoryDirectory,
    peerApi: Server,
  ): LinksWithAdoption {
    return createLinks(
      {
        identity,
        directory,
        services: {
          servePeerApi: (duplex) => peerApi.emit('connection', duplex),
          acceptTcp: () => Promise.reject(new Error('No target')),
          acceptExec: () => Promise.reject(new Error('No target')),
        },
        settings: () => defaultSettings,
        clock,
        random,
        logger: createLogger({ level: 'silent', agent: name }),
        audit: noAudit,
        monotonicNow: () => clock.now(),
        connector: { dial: (peer, signal) => dial(name, identity, peer, signal) },
      },
      { agentVersion: '0.1.0' },
    )
  }

  function dial(
    from: string,
    identity: Identity,
    peer: KnownPeer & { readonly url: string },
    signal: AbortSignal,
  ): Promise<SecureConnection> {
    dials.push({ from, atMs: clock.now() })
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('Given up')), { once: true })
      clock.setTimeout(() => {
        const target = agents.get(peer.url)
        const ownCa = identity.forPeer(peer.fingerprint).fingerprint
        const caller = target?.directory.byCa(ownCa)
        if (
          network.isDown ||
          target?.isRunning !== true ||
          agents.get(`http://${from}`)?.isRunning !== true
        )
          reject(new Error('Connection refused'))
        else if (network.busyMs !== undefined) reject(new BusyError('503', network.busyMs))
        else if (caller === undefined) reject(new Error('403'))
        else if (!signal.aborted) {
          const peerCa = target.identity.forPeer(caller.fingerprint).fingerprint
          const ends = { from, to: target.name, fromCa: ownCa, toCa: peerCa }
          const connection = new VirtualConnection(clock, latencyMs(), ends, open)
          clock.setTimeout(() => target.links.adopt(caller, connection.acceptor), latencyMs())
          resolve(connection.dialler)
        }
      }, latencyMs())
    })
  }

  return network
}

/** Who dials whom, and by which CAs they prove it. */
interface Ends {
  readonly from: string
  readonly to: string
  readonly fromCa: string
  readonly toCa: string
}

/** Both ends of one connection; bytes arrive in order, after a while. */
class VirtualConnection {
  readonly dialler: End
  readonly acceptor: End
  isFrozen = false
  readonly #clock: FakeClock
  readonly #open: Set<VirtualConnection>
  readonly #latencyMs: number

  constructor(
    clock: FakeClock,
    latencyMs: number,
    { from, to, fromCa, toCa }: Ends,
    open: Set<VirtualConnection>,
  ) {
    this.#clock = clock
    this.#latencyMs = latencyMs
    this.#open = open
    const nowMs = clock.now()
    this.dialler = new End(this, 'outbound', { owner: from, remote: to, fromCa, toCa }, nowMs)
    this.acceptor = new End(
      this,
      'inbound',
      { owner: to, remote: from, fromCa: toCa, toCa: fromCa },
      nowMs,
    )
    open.add(this)
  }

  carry(from: End, bytes: readonly Uint8Array[]): void {
    const to = this.#other(from)
    const copies = bytes.map((part) => Uint8Array.from(part))
    this.#later(() => {
      for (const part of copies) to.deliver(part)
    })
  }

  ended(by: End): void {
    this.#open.delete(this)
    this.#later(() => this.#other(by).lose('The other end closed'))
  }

  vanish(agent: string, how: 'reset' | 'silence'): void {
    const dead = [this.dialler, this.acceptor].find((end) => end.owner === agent)
    if (dead === undefined) return
    dead.die()
    this.#open.delete(this)
    if (how === 'silence') this.isFrozen = true
    this.#later(() => this.#other(dead).lose('Connection reset'))
  }

  cut(): void {
    this.#open.delete(this)
    for (const end of [this.dialler, this.acceptor]) this.#later(() => end.lose('Connection reset'))
  }

  #other(end: End): End {
    return end === this.dialler ? this.acceptor : this.dialler
  }

  #later(work: () => void): void {
    this.#clock.setTimeout(() => {
      if (!this.isFrozen) work()
    }, this.#latencyMs)
  }
}

class End implements SecureConnection {
  readonly transport = 'ws'
  readonly direction: 'outbound' | 'inbound'
  readonly remoteName: string
  readonly owner: string
  readonly ownCa: string
  readonly peerCa: string
  readonly leaf: { readonly notBeforeMs: number; readonly notAfterMs: number }
  readonly peerNotBeforeMs: number
  readonly peerNotAfterMs: number
  readonly #connection: VirtualConnection
  #handler: ConnectionHandler | undefined
  #waiting: Uint8Array[] = []
  #isOver = false
  #lostWith: string | undefined

  constructor(
    connection: VirtualConnection,
    direction: 'outbound' | 'inbound',
    ends: { owner: string; remote: string; fromCa: string; toCa: string },
    nowMs: number,
  ) {
    this.#connection = connection
    this.direction = direction
    this.owner = ends.owner
    this.remoteName = ends.remote
    this.ownCa = ends.fromCa
    this.peerCa = ends.toCa
    this.leaf = { notBeforeMs: nowMs - dayMs / 24, notAfterMs: nowMs + dayMs }
    this.peerNotBeforeMs = this.leaf.notBeforeMs
    this.peerNotAfterMs = nowMs + dayMs
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler
    for (const bytes of this.#waiting.splice(0)) handler.onBytes(bytes)
    if (this.#isOver) handler.onClosed(this.#lostWith)
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#isOver) this.#connection.carry(this, chunks)
    return true
  }

  close(): void {
    this.destroy()
  }

  destroy(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#connection.ended(this)
    queueMicrotask(() => this.#handler?.onClosed(undefined))
  }

  deliver(bytes: Uint8Array): void {
    if (this.#isOver) return
    if (this.#handler === undefined) this.#waiting.push(bytes)
    else this.#handler.onBytes(bytes)
  }

  lose(message: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#lostWith = message
    this.#handler?.onClosed(message)
  }

  /** Its process is gone: it says and hears nothing any more. */
  die(): void {
    this.#isOver = true
    this.#handler?.onClosed('killed')
  }
}

/** Each knows the other, and can be dialled unless said otherwise. */
export function introduce(
  a: VirtualAgent,
  b: VirtualAgent,
  {
    dialable = [a, b],
    confirmed = true,
  }: { dialable?: readonly VirtualAgent[]; confirmed?: boolean } = {},
): void {
  const url = (agent: VirtualAgent) =>
    dialable.includes(agent) ? { url: `http://${agent.name}` } : {}
  a.directory.put(knownAs(b.name, b.identity, { ...url(b), confirmed }))
  b.directory.put(knownAs(a.name, a.identity, { ...url(a), confirmed }))
}
