/**
 * Two agents' links without a network: what one calls, the other's handlers answer, through JSON and problem documents
 * as on the wire. Can be cut at any moment, so that requests or their answers get lost.
 */
import {
  fromProblem,
  isPorpulsionError,
  parseAs,
  peerEndpoints,
  PorpulsionError,
  toProblem,
  type PeerEndpointName,
} from '@porpulsion/contract'
import type { PeerHandlers } from '../../src/api/index.ts'
import type { KnownPeer, LinkView } from '../../src/peers/index.ts'
import type { Directory, PeerLinks } from '../../src/workloads/neighbours.ts'

type LinkListener = Parameters<PeerLinks['onChange']>[0]

export interface Side {
  readonly name: string
  readonly fingerprint: string
}

/** One agent's end. `handlers` are set once its workloads exist. */
export class MemoryEnd {
  readonly self: Side
  handlers: PeerHandlers = {}
  /** A restart ends requests in hand without an answer. */
  isRunning = false
  readonly #listeners = new Set<LinkListener>()
  readonly #directoryListeners = new Set<() => void>()
  readonly #peers = new Map<string, KnownPeer>()
  pair: MemoryPair | undefined

  constructor(self: Side) {
    this.self = self
  }

  get links(): PeerLinks {
    return {
      view: () => this.#view(),
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      call: (fingerprint, endpoint, input) => this.#other(fingerprint).call(endpoint, input, this),
      stream: (fingerprint, endpoint, input) =>
        this.#other(fingerprint).stream(endpoint, input, this),
    }
  }

  get directory(): Directory {
    return {
      byName: (name) => this.#peers.get(name),
      byFingerprint: (fingerprint) =>
        [...this.#peers.values()].find((peer) => peer.fingerprint === fingerprint),
      list: () => [...this.#peers.values()],
      onChange: (listener) => {
        this.#directoryListeners.add(listener)
        return () => this.#directoryListeners.delete(listener)
      },
    }
  }

  addPeer({ name, fingerprint }: Side): void {
    this.#peers.set(name, {
      name,
      fingerprint,
      uid: `uid-${name}`,
      caCertificatePem: '',
      confirmed: true,
    })
    for (const listener of this.#directoryListeners) listener()
  }

  removePeer(name: string): KnownPeer {
    const peer = this.#peers.get(name)
    if (peer === undefined) throw new Error(`No peer ${name}`)
    this.#peers.delete(name)
    for (const listener of this.#directoryListeners) listener()
    return peer
  }

  tellChange(fingerprint: string): void {
    for (const listener of this.#listeners) listener(fingerprint, this.#view())
  }

  #view(): LinkView {
    return this.pair?.isUp === true
      ? { state: 'Connected', sinceMs: 0, confirmedByPeer: true }
      : { state: 'Disconnected', sinceMs: 0, message: 'connection refused' }
  }

  #other(fingerprint: string): MemoryEnd {
    const other = this.pair?.otherOf(this)
    if (other?.self.fingerprint !== fingerprint) throw linkDown()
    return other
  }

  /** Called at the answering end. */
  async call(
    endpoint: PeerEndpointName,
    { params = {}, query, body, signal }: Parameters<PeerLinks['call']>[2],
    from: MemoryEnd,
  ): Promise<never> {
    const pair = this.#reach(endpoint, 'request')
    const handler = this.#handler(endpoint)
    const answer = await onTheWire(async () => {
      const schema = peerEndpoints[endpoint].body
      const sent: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body))
      const read = schema === undefined ? undefined : parseAs(schema, sent)
      const peer = this.#callingPeer(from)
      return await handler({ peer, params, query: query ?? {}, body: read, signal })
    })
    pair.assertUp(endpoint, 'answer')
    // The caller's type says what the handler returned.
    return (answer === undefined ? undefined : JSON.parse(JSON.stringify(answer))) as never
  }

  async stream(
    endpoint: PeerEndpointName,
    { params = {}, query, signal }: Parameters<PeerLinks['stream']>[2],
    from: MemoryEnd,
  ): Promise<AsyncIterable<never>> {
    const pair = this.#reach(endpoint, 'request')
    const handler = this.#handler(endpoint)
    const end = new AbortController()
    signal.addEventListener('abort', () => end.abort(), { once: true })
    const lines = (await onTheWire(
      async () =>
        await handler({
          peer: this.#callingPeer(from),
          params,
          query: query ?? {},
          body: undefined,
          signal: end.signal,
        }),
    )) as AsyncIterable<unknown>
    return pair.untilCut(lines, end) as AsyncIterable<never>
  }

  #handler(endpoint: PeerEndpointName): (request: unknown) => Promise<unknown> {
    const handler = this.handlers[endpoint]
    if (handler === undefined) throw new Error(`Nobody answers ${endpoint}`)
    return handler as (request: unknown) => Promise<unknown>
  }

  #reach(endpoint: PeerEndpointName, what: 'request'): MemoryPair {
    if (this.pair === undefined || !this.isRunning) throw linkDown()
    this.pair.assertUp(endpoint, what)
    return this.pair
  }

  #callingPeer(from: MemoryEnd): Side {
    const peer = this.directory.byFingerprint(from.self.fingerprint)
    if (peer === undefined) throw linkDown()
    return peer
  }
}

/** Which message the link is cut at: before it arrives, or before its answer does. */
interface Cut {
  readonly endpoint: PeerEndpointName
  readonly at: 'request' | 'answer'
}

export class MemoryPair {
  readonly #a: MemoryEnd
  readonly #b: MemoryEnd
  #isConnected = false
  #cut: Cut | undefined
  readonly #onCut = new Set<() => void>()

  constructor(a: MemoryEnd, b: MemoryEnd) {
    this.#a = a
    this.#b = b
    a.pair = this
    b.pair = this
  }

  get isUp(): boolean {
    return this.#isConnected && this.#a.isRunning && this.#b.isRunning
  }

  otherOf(end: MemoryEnd): MemoryEnd {
    return end === this.#a ? this.#b : this.#a
  }

  connect(): void {
    this.#isConnected = true
    this.tell()
  }

  cut(): void {
    this.#isConnected = false
    for (const end of this.#onCut) end()
    this.#onCut.clear()
    this.tell()
  }

  /** The next message of this kind is the last. */
  cutAt(endpoint: PeerEndpointName, at: Cut['at']): Promise<void> {
    this.#cut = { endpoint, at }
    return new Promise((resolve) => {
      this.#onCut.add(resolve)
    })
  }

  tell(): void {
    this.#a.tellChange(this.#b.self.fingerprint)
    this.#b.tellChange(this.#a.self.fingerprint)
  }

  assertUp(endpoint: PeerEndpointName, at: Cut['at']): void {
    if (this.#cut?.endpoint === endpoint && this.#cut.at === at) {
      this.#cut = undefined
      this.cut()
    }
    if (!this.isUp) throw linkDown()
  }

  async *untilCut(lines: AsyncIterable<unknown>, end: AbortController): AsyncGenerator {
    const cut = new AbortController()
    const onCut = (): void => {
      cut.abort(linkDown())
      end.abort()
    }
    this.#onCut.add(onCut)
    try {
      for await (const line of lines) {
        cut.signal.throwIfAborted()
        yield JSON.parse(JSON.stringify(line))
      }
      cut.signal.throwIfAborted()
    } finally {
      this.#onCut.delete(onCut)
      end.abort()
    }
  }
}

function linkDown(): PorpulsionError {
  return new PorpulsionError('Unavailable', 'LinkDown', 'The link is down')
}

/** Errors of the answering side arrive as problem documents. */
async function onTheWire<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    const own = isPorpulsionError(error)
      ? error
      : new PorpulsionError('Internal', 'InternalError', String(error), { cause: error })
    throw fromProblem(toProblem(own))
  }
}
