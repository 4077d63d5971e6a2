import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { peerEndpoints, PorpulsionError, type Settings } from '@porpulsion/contract'
import type { SessionLimits } from '@porpulsion/protocol'
import type { Audit } from '../audit/index.ts'
import {
  createTasks,
  type Clock,
  type Logger,
  type Metrics,
  type Random,
} from '../observability/index.ts'
import {
  readOuterTrust,
  type Identity,
  type KnownPeer,
  type LinkView,
  type PeerDirectory,
} from '../peers/index.ts'
import { channelClock } from './channel-clock.ts'
import type { Connector } from './connector.ts'
import { HandshakeGate } from './handshake-gate.ts'
import { noLinkFacts } from './link-facts.ts'
import { createLinkMetrics } from './link-metrics.ts'
import { Link, maxSessionBytes } from './link.ts'
import type { LinkSession } from './link-session.ts'
import type { CallInput, Links, LinkServices, RpcRequest } from './links-api.ts'
import { readAnswer, readLines, requestFor } from './peer-call.ts'
import { SessionDrains } from './peer-words.ts'
import type { SecureConnection } from './secure-connection.ts'
import { OwnLeaves } from './own-leaves.ts'
import { createWebSocketAcceptor } from './web-socket-acceptor.ts'
import { createWebSocketConnector } from './web-socket-connector.ts'

export interface LinksDeps {
  readonly identity: Identity
  readonly directory: PeerDirectory
  readonly services: LinkServices
  readonly settings: () => Settings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly audit: Audit
  readonly metrics?: Metrics
  /** A session with the peer of this fingerprint came up, proven by this CA of it. */
  readonly onProven?: (fingerprint: string, ca: string) => void
  /** In place of real sockets, for tests. */
  readonly connector?: Connector
  /** Milliseconds of a clock that nobody sets. Default `performance.now`. */
  readonly monotonicNow?: () => number
}

export interface LinksOptions {
  readonly agentVersion: string
  /** The HTTP proxy to dial this URL through, if any. */
  readonly proxyFor?: (url: URL) => string | undefined
  readonly limits?: Partial<SessionLimits>
  /** Default `maxSessionBytes`. */
  readonly sessionBytes?: number
}

/** As made: with the seam that tests without sockets use. */
export interface LinksWithAdoption extends Links {
  adopt(peer: KnownPeer, connection: SecureConnection): void
}

const defaultCallTimeoutMs = 30_000

export function createLinks(deps: LinksDeps, options: LinksOptions): LinksWithAdoption {
  const { directory, identity, clock, logger } = deps
  const bootId = randomBytes(16).toString('hex')
  const tasks = createTasks(logger)
  const createdMs = clock.now()
  const metrics = deps.metrics === undefined ? undefined : createLinkMetrics(deps.metrics)
  const leaves = new OwnLeaves(identity, clock)
  const links = new Map<string, { readonly link: Link; known: KnownPeer }>()
  const listeners = new Set<(fingerprint: string, view: LinkView) => void>()
  const time = channelClock(clock, deps.monotonicNow ?? (() => performance.now()))
  const connector =
    deps.connector ??
    createWebSocketConnector({
      leaves,
      clock,
      outerTrust: () => readOuterTrust(deps.settings().peering),
      proxyFor: options.proxyFor ?? (() => undefined),
    })
  const acceptor = createWebSocketAcceptor({
    directory,
    leaves,
    gate: new HandshakeGate(clock),
    ownCa: ({ fingerprint }) => identity.forPeer(fingerprint).fingerprint,
    clock,
    logger,
    audit: deps.audit,
    tasks,
    metrics,
    onConnection: (peer, connection, greeted) => linkTo(peer).adopt(connection, greeted),
  })
  const unsubscribe: (() => void)[] = []
  let isStopped = false

  function linkTo(peer: KnownPeer): Link {
    const existing = links.get(peer.fingerprint)
    if (existing !== undefined) return existing.link
    const { fingerprint } = peer
    const link = new Link(
      {
        ...deps,
        connector,
        channelClock: time,
        tasks,
        metrics,
        peer: () => directory.byFingerprint(fingerprint),
        ownCa: () => identity.forPeer(fingerprint).fingerprint,
        onProven: (ca) => deps.onProven?.(fingerprint, ca),
        onView: (view) => {
          count()
          for (const listener of [...listeners]) listener(fingerprint, view)
        },
      },
      {
        fingerprint,
        bootId,
        agentVersion: options.agentVersion,
        limits: options.limits ?? {},
        sessionBytes: options.sessionBytes ?? maxSessionBytes,
      },
    )
    links.set(fingerprint, { link, known: peer })
    return link
  }

  function count(): void {
    metrics?.links([...links.values()].map(({ link }) => link.view.state))
  }

  /** Makes the links agree with the directory. */
  function follow(): void {
    if (isStopped) return
    for (const [fingerprint, { link }] of [...links]) {
      if (directory.byFingerprint(fingerprint) !== undefined) continue
      links.delete(fingerprint)
      void link.stop('PeerRemoved', 'You were removed as a peer')
    }
    for (const peer of directory.list()) {
      const entry = links.get(peer.fingerprint)
      if (entry === undefined) linkTo(peer).update()
      else if (isDialledOtherwise(entry.known, peer)) {
        const isTakenBack = entry.known.confirmed && !peer.confirmed
        entry.known = peer
        // A session that gives way would leave a peer the streams it has for an hour.
        if (isTakenBack)
          entry.link.closeSessions('NotConfirmed', 'The operator here took the confirmation back')
        entry.link.update()
      } else if (isProvenOtherwise(entry.known, peer)) {
        entry.known = peer
        entry.link.reconsider()
      }
    }
    count()
  }

  /** We may be another to some peer. */
  function reconsider(): void {
    for (const { link } of links.values()) link.reconsider()
  }

  function linkOf(fingerprint: string): { readonly link: Link; readonly peer: KnownPeer } {
    const peer = directory.byFingerprint(fingerprint)
    const entry = links.get(fingerprint)
    if (peer === undefined || entry === undefined) throw unknownPeer(fingerprint)
    return { link: entry.link, peer }
  }

  /** The session for new streams of ours, if both operators have confirmed. */
  function sessionFor(fingerprint: string): {
    readonly session: LinkSession
    readonly peer: KnownPeer
  } {
    const { link, peer } = linkOf(fingerprint)
    if (!peer.confirmed) throw notConfirmedHere(peer)
    const session = link.session()
    if (session.peer?.confirmed === false) throw notConfirmedThere(peer)
    return { session, peer }
  }

  /**
   * What is opened while the other side lets a session give way crosses its goodbye and is refused, unseen. The
   * successor is there by then; of an agent that stops there is none, and that is the answer.
   */
  async function onSession<T>(
    fingerprint: string,
    use: (session: LinkSession) => Promise<T>,
  ): Promise<T> {
    const { session } = sessionFor(fingerprint)
    try {
      return await use(session)
    } catch (error) {
      if (!(error instanceof SessionDrains)) throw error
      const { session: successor } = sessionFor(fingerprint)
      if (successor === session) throw error
      return await use(successor)
    }
  }

  const rpcRequest = (
    endpoint: keyof typeof peerEndpoints,
    { signal, timeoutMs = defaultCallTimeoutMs, ...input }: CallInput<never> & CallInput<'getSelf'>,
  ): RpcRequest & { readonly timeoutMs: number } => ({
    ...requestFor(peerEndpoints[endpoint], input),
    signal,
    timeoutMs,
  })

  return {
    start() {
      const accepted = [...links.values()]
      unsubscribe.push(directory.onChange(follow), identity.onChange(reconsider))
      follow()
      // Peers that dialled us before: whether we dial them was not asked yet.
      for (const { link } of accepted) link.update()
    },
    view(fingerprint) {
      return links.get(fingerprint)?.link.view ?? { state: 'Connecting', sinceMs: createdMs }
    },
    facts: (fingerprint) => links.get(fingerprint)?.link.facts ?? noLinkFacts,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async call(fingerprint, endpoint, input) {
      const { peer } = sessionFor(fingerprint)
      const request = rpcRequest(endpoint, input as CallInput<never>)
      const response = await onSession(fingerprint, ({ rpc }) => rpc.call(request))
      const answer = readAnswer(peer.name, peerEndpoints[endpoint], response)
      return answer as never // readAnswer has checked it against the table
    },
    async stream(fingerprint, endpoint, input) {
      const { peer } = sessionFor(fingerprint)
      const request = rpcRequest(endpoint, input as CallInput<never>)
      const response = await onSession(fingerprint, ({ rpc }) => rpc.flow(request))
      const lines = await readLines(peer.name, peerEndpoints[endpoint], response)
      return lines as AsyncIterable<never> // each line is checked against the table
    },
    async request(fingerprint, request) {
      const timed = { timeoutMs: defaultCallTimeoutMs, ...request }
      // A body that flows can be sent once.
      if (request.body instanceof Readable)
        return await sessionFor(fingerprint).session.rpc.flow(timed)
      return await onSession(fingerprint, ({ rpc }) => rpc.flow(timed))
    },
    async openTcp(fingerprint, target, signal) {
      return await onSession(fingerprint, (session) => session.openTcp(target, signal))
    },
    async openExec(fingerprint, target, signal) {
      return await onSession(fingerprint, (session) => session.openExec(target, signal))
    },
    accept: (request, socket, head) => acceptor.accept(request, socket, head),
    adopt: (peer, connection) => linkTo(peer).adopt(connection),
    close(fingerprint, reason) {
      links.get(fingerprint)?.link.closeSessions('Closed', reason)
    },
    async drain(graceMs) {
      acceptor.stop()
      const drained = Promise.all([...links.values()].map(({ link }) => link.drain()))
      let cancel = (): void => undefined
      const isLate = new Promise<void>((resolve) => {
        cancel = clock.setTimeout(resolve, graceMs)
      })
      await Promise.race([drained, isLate])
      cancel()
    },
    async stop() {
      if (isStopped) return
      isStopped = true
      for (const leave of unsubscribe.splice(0)) leave()
      acceptor.stop()
      const ends = [...links.values()].map(({ link }) => link.stop('Closed', 'The agent stops'))
      await tasks.stop()
      await Promise.all(ends)
    },
  }
}

function isDialledOtherwise(a: KnownPeer, b: KnownPeer): boolean {
  return a.url !== b.url || a.confirmed !== b.confirmed
}

const isProvenOtherwise = (a: KnownPeer, b: KnownPeer): boolean =>
  a.caFingerprint !== b.caFingerprint || a.nextCa?.fingerprint !== b.nextCa?.fingerprint

const unknownPeer = (fingerprint: string): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'PeerNotFound',
    `There is no peer with fingerprint ${fingerprint.slice(0, 12)}…`,
  )

const notConfirmedHere = ({ name }: KnownPeer): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'NotConfirmed',
    `Peer "${name}" is not confirmed here: compare the six words with its operator, then run: porpulsion peer confirm ${name}`,
  )

const notConfirmedThere = ({ name }: KnownPeer): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'NotConfirmed',
    `The operator of peer "${name}" has not confirmed this cluster yet`,
  )
