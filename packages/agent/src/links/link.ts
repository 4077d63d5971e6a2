import type { PorpulsionError } from '@porpulsion/contract'
import {
  judgePair,
  maxHelloCount,
  PairLoad,
  type Clock as ChannelClock,
  type SessionEnd,
  type SessionEvent,
  type SessionLimits,
} from '@porpulsion/protocol'
import type { Audit } from '../audit/index.ts'
import {
  backoffMs,
  type Clock,
  type Logger,
  type Random,
  type Tasks,
} from '../observability/index.ts'
import { casOf, type KnownPeer, type LinkTrouble, type LinkView } from '../peers/index.ts'
import { BusyError, DialError, type Connector } from './connector.ts'
import { overdueMs, renewalMs } from './leaf-source.ts'
import { busyMs, redialBackoff, replaceBackoff } from './link-backoff.ts'
import { sumOfTraffic, type LinkFacts, type Traffic } from './link-facts.ts'
import { linkDown, LinkSession } from './link-session.ts'
import type { LinkMetrics } from './link-metrics.ts'
import type { LinkServices } from './links-api.ts'
import type { SecureConnection } from './secure-connection.ts'

export interface LinkDeps {
  readonly connector: Connector
  readonly services: LinkServices
  readonly clock: Clock
  readonly channelClock: ChannelClock
  readonly random: Random
  readonly logger: Logger
  readonly audit: Audit
  readonly tasks: Tasks
  readonly metrics: LinkMetrics | undefined
  /** The peer as the directory knows it now. */
  readonly peer: () => KnownPeer | undefined
  /** Fingerprint of the CA by which the peer knows us now. */
  readonly ownCa: () => string
  /** A session came up that this CA of the peer had proven. */
  readonly onProven: (peerCa: string) => void
  readonly onView: (view: LinkView) => void
}

export interface LinkOptions {
  readonly fingerprint: string
  readonly bootId: string
  readonly agentVersion: string
  readonly limits: Partial<SessionLimits>
  /** What the keys of one session may seal. */
  readonly sessionBytes: number
}

/**
 * What one key of TLS may seal: just below 2^24.5 records of 16 KiB, as RFC 8446 has it for AES-GCM (5.5). Node has no
 * way to ask for a new key, and OpenSSL takes none by itself.
 */
export const maxSessionBytes = 2 ** 38

/** Of one peer at a time. Four may drain, and in a storm of redials some wait for a proof; more is no accident. */
const maxSessions = 16
/** From the first SYN to the Hello. */
const dialTimeoutMs = 10_000
/** A session that lasted this long after its first answer was useful: the next loss starts the backoff anew. */
const usefulMs = 10_000
/** How long a peer that cannot be dialled gets to follow a request for a new session before it is asked again. */
const askAgainMs = 60_000
/** When a peer that is told that we stop shall come back: an agent is up again about then. */
const restartMs = 2_000
/** Past the end of the peer's certificate: it should have replaced the session long ago. */
const expiryGraceMs = 60 * 60 * 1_000

/**
 * Our relation to one peer over time: dials while there is no session and a URL to dial, replaces a session before it
 * breaks, keeps of several the one both sides keep, and tells how it is. Every decision is made from what is there
 * now, so that it does not matter in which order things happened.
 */
export class Link {
  readonly #deps: LinkDeps
  readonly #options: LinkOptions
  readonly #sessions = new Map<string, LinkSession>()
  readonly #load = new PairLoad()
  #current: LinkSession | undefined
  #dialling: AbortController | undefined
  #redial: { readonly atMs: number; readonly cancel: () => void } | undefined
  #cancelWake: (() => void) | undefined
  /** Dials since the last useful session. */
  #attempt = 0
  /** A peer without room for us named a time to come back. */
  #busyUntilMs: number | undefined
  #dialSeq = 0
  #upCount = 0
  #highestGeneration: number | undefined
  /** The peer asked for a successor of this session. */
  #replaceAsked: LinkSession | undefined
  /** We asked for one. */
  #asked: { readonly session: LinkSession; readonly atMs: number } | undefined
  #failure:
    | {
        readonly message: string
        readonly trouble?: LinkTrouble
        /** The peer said when it is back. */
        readonly retryAtMs?: number
      }
    | undefined
  /** What sessions carried that are over. */
  #past: Traffic = { receivedBytes: 0, sentBytes: 0 }
  #view: LinkView
  #isStopped = false
  /** What becomes of sessions while we let them end is no news of the link. */
  #isDraining = false

  constructor(deps: LinkDeps, options: LinkOptions) {
    this.#deps = deps
    this.#options = options
    this.#view = { state: 'Connecting', sinceMs: deps.clock.now() }
  }

  get view(): LinkView {
    return this.#view
  }

  get facts(): LinkFacts {
    const sessions = [...this.#sessions.values()]
    const shown = this.#shown()
    const session = shown?.facts
    return {
      ...sumOfTraffic([this.#past, ...sessions.map(({ traffic }) => traffic)]),
      openStreams: sessions.reduce((sum, { openStreams }) => sum + openStreams, 0),
      ...(shown?.rttMs !== undefined && { latencyMs: shown.rttMs }),
      ...(session !== undefined && { session }),
      ...(this.#redial !== undefined && { nextDialMs: this.#redial.atMs }),
    }
  }

  /** The session for new streams. */
  session(): LinkSession {
    if (this.#current !== undefined && !this.#isStopped) return this.#current
    throw this.down()
  }

  down(): PorpulsionError {
    if (this.#isStopped) return linkDown(this.#name, 'this agent is stopping', restartMs)
    const retryAtMs = this.#failure?.retryAtMs
    const retryAfterMs = retryAtMs === undefined ? undefined : retryAtMs - this.#deps.clock.now()
    return linkDown(this.#name, this.#view.message, retryAfterMs)
  }

  /** Something about the peer changed, or the link is new. */
  update(): void {
    // What failed at another address says nothing of this one.
    this.#attempt = 0
    this.#busyUntilMs = undefined
    this.#redial?.cancel()
    this.#redial = undefined
    this.#step()
    this.#show()
  }

  /** The CAs of either side changed. */
  reconsider(): void {
    this.#judge()
    this.#step()
    this.#show()
  }

  /** A connection whose other end has proven to be this peer. */
  adopt(connection: SecureConnection, greeted: () => void = () => undefined): void {
    const peer = this.#deps.peer()
    if (this.#isStopped || peer === undefined) {
      connection.destroy()
      greeted()
      return
    }
    const isDialler = connection.direction === 'outbound'
    const session = new LinkSession(
      {
        ...this.#deps,
        caller: () => this.#deps.peer(),
        onEvent: (session, event) => {
          if (event.kind === 'up' || event.kind === 'ended') greeted()
          this.#on(session, event)
        },
      },
      connection,
      {
        peerFingerprint: this.#options.fingerprint,
        limits: this.#options.limits,
        load: this.#load,
        renewAtMs: renewalMs(connection.leaf, this.#deps.random.next()),
        hello: {
          bootId: this.#options.bootId,
          confirmed: peer.confirmed,
          agentVersion: this.#options.agentVersion,
          ...(isDialler && { dialSeq: ++this.#dialSeq }),
          ...(isDialler &&
            this.#highestGeneration !== undefined && {
              replaces: Math.min(this.#highestGeneration, maxHelloCount),
            }),
        },
      },
    )
    this.#sessions.set(session.id, session)
    session.start()
    this.#holdSessionBound()
  }

  /** A peer that keeps coming and proves nothing loses its own: who came first goes first, but the one in use. */
  #holdSessionBound(): void {
    for (const session of this.#sessions.values()) {
      if (this.#sessions.size <= maxSessions) return
      if (session !== this.#current)
        session.close('Closed', `You have ${maxSessions} sessions already`)
    }
  }

  /** Ends all sessions with a goodbye; the link goes on if the peer is still known. */
  closeSessions(code: string, message: string): void {
    for (const session of [...this.#sessions.values()]) session.close(code, message)
  }

  /** Takes nothing new; resolves once what runs on its sessions has ended. Before `stop`. */
  async drain(): Promise<void> {
    this.#isStopped = true
    this.#isDraining = true
    this.#stopDialling()
    const sessions = [...this.#sessions.values()]
    for (const session of sessions) session.drain('Drain', 'The agent stops', restartMs)
    await Promise.all(sessions.map((session) => session.whenClosed()))
  }

  /** Resolves once the goodbyes have left or were given up. Never rejects. */
  async stop(code: string, message: string): Promise<void> {
    this.#isStopped = true
    this.#isDraining = false
    this.#stopDialling()
    const sessions = [...this.#sessions.values()]
    this.closeSessions(code, message)
    this.#show()
    await Promise.all(sessions.map((session) => session.whenClosed()))
  }

  #stopDialling(): void {
    this.#redial?.cancel()
    this.#redial = undefined
    this.#cancelWake?.()
    this.#dialling?.abort(new Error('The link was closed'))
  }

  #on(session: LinkSession, event: SessionEvent): void {
    switch (event.kind) {
      case 'up':
        this.#upCount++
        session.cameUp(event.peer, this.#upCount)
        this.#seen(session)
        break
      case 'answered':
        if (event.first) this.#proven(session)
        break
      case 'replaceAsked':
        // Once is enough; what is said a thousand times must not cost a thousand looks at everything.
        if (this.#replaceAsked === session) return
        this.#replaceAsked = session
        break
      case 'peerDrains':
        if (session === this.#current) this.#drained(event.message, event.retryAfterMs)
        break
      case 'ended':
        this.#ended(session, event.end)
        break
      case 'callbackFailed':
        this.#deps.logger.error({ err: event.error, peer: this.#name }, 'Stream handler failed')
        return
      // Of one stream, and as many as the peer likes: the link is what it was.
      case 'openRefused':
      case 'streamReset':
        return
      default:
        break
    }
    this.#judge()
    this.#step()
    this.#show()
  }

  #seen(session: LinkSession): void {
    const generation = session.inPair?.generation ?? 0
    this.#highestGeneration = Math.max(this.#highestGeneration ?? 0, generation)
  }

  #proven(session: LinkSession): void {
    const { direction, transport } = session.connection
    this.#failure = undefined
    this.#deps.onProven(session.connection.peerCa)
    this.#deps.metrics?.sessionUp(direction)
    this.#deps.logger.info({ peer: this.#name, direction, transport }, 'Session came up')
    // By its id: one that is over by then must not be kept for this.
    const { id } = session
    this.#deps.clock.setTimeout(() => {
      if (this.#sessions.get(id)?.isUp === true) this.#attempt = 0
    }, usefulMs)
  }

  /** Its streams go on; for new ones there is no session until the next dial. */
  #drained(message: string, retryAfterMs: number | undefined): void {
    const waitMs = Math.min(retryAfterMs ?? 0, redialBackoff.maxMs)
    this.#failure = {
      message: `The peer takes no new work: "${message}"`,
      ...(waitMs > 0 && { retryAtMs: this.#deps.clock.now() + waitMs }),
    }
    this.#attempt = Math.max(1, this.#attempt)
  }

  #ended(session: LinkSession, end: SessionEnd): void {
    if (this.#sessions.delete(session.id)) this.#past = sumOfTraffic([this.#past, session.traffic])
    const wasUp = session.inPair !== undefined
    if (wasUp) this.#deps.metrics?.sessionEnded(end.by)
    if (this.#current === session || (!wasUp && this.#current === undefined))
      this.#failure = failureOf(end)
    // A first redial at once would meet everybody else's, and a peer that is just starting.
    if (this.#current === session) this.#attempt = Math.max(1, this.#attempt)
    const facts = { peer: this.#name, code: end.code, by: end.by, message: end.message }
    // A session that another had replaced was no news when it went.
    if (wasUp && end.code !== 'Drained') this.#deps.logger.info(facts, 'Session ended')
    else this.#deps.logger.debug(facts, 'Session ended without loss')
  }

  /** Asks the rule that both sides share which session stays. */
  #judge(): void {
    this.#drainGivenUp()
    const present = [...this.#sessions.values()].flatMap((session) =>
      session.isUp ? (session.inPair ?? []) : [],
    )
    const verdict = judgePair(present)
    this.#current = verdict.use === undefined ? undefined : this.#sessions.get(verdict.use)
    for (const id of verdict.drain)
      this.#sessions.get(id)?.drain('Superseded', 'Another session of the two agents stays')
    for (const { id, code } of verdict.end) this.#sessions.get(id)?.close(code, 'See the code')
  }

  /** A CA that the peer has given up opens nothing more; what runs may end. */
  #drainGivenUp(): void {
    const peer = this.#deps.peer()
    if (peer === undefined) return
    const cas = casOf(peer).map(({ fingerprint }) => fingerprint)
    for (const session of this.#sessions.values())
      if (session.isUp && !cas.includes(session.connection.peerCa))
        session.giveUp('You have renewed your identity since')
  }

  /** Does what is to be done now, if anything; called after everything that may have changed it. */
  #step(): void {
    this.#cancelWake?.()
    const peer = this.#deps.peer()
    if (this.#isStopped || peer === undefined) return
    if (this.#dialling !== undefined || this.#redial !== undefined) return
    const session = this.#current
    const ageing = session === undefined ? undefined : this.#staleness(session, peer)
    if (session !== undefined && ageing === undefined) {
      this.#wakeAt(Math.min(session.options.renewAtMs, expiryOf(session)))
      return
    }
    // A successor is on its way up; the pair rule will find it.
    if (this.#hasFresher(peer)) return
    if (session !== undefined && this.#deps.clock.now() >= expiryOf(session)) {
      session.close('Closed', 'Your certificate in this session has expired')
      return
    }
    if (peer.url !== undefined) this.#dialLater({ ...peer, url: peer.url })
    else if (session !== undefined) this.#ask(session, ageing ?? '')
  }

  /** Why a session that works should give way to a new one. */
  #staleness(session: LinkSession, peer: KnownPeer): string | undefined {
    const nowMs = this.#deps.clock.now()
    if (session.options.hello.confirmed !== peer.confirmed) return 'The confirmation changed'
    if (session.connection.ownCa !== this.#deps.ownCa()) return 'The identity is renewed'
    if (nowMs >= session.options.renewAtMs) return 'The certificate is renewed'
    if (session.sealedBytes >= this.#options.sessionBytes)
      return 'Its keys have sealed as much as they may'
    if (nowMs >= expiryOf(session)) return 'Your certificate in this session has expired'
    if (this.#replaceAsked === session && peer.url !== undefined) return 'The peer asked for it'
    return undefined
  }

  #hasFresher(peer: KnownPeer): boolean {
    return [...this.#sessions.values()].some(
      (session) => !session.isDraining && this.#staleness(session, peer) === undefined,
    )
  }

  #dialLater(peer: KnownPeer & { readonly url: string }): void {
    const delayMs = this.#busyDelayMs() ?? this.#nextDelayMs()
    if (delayMs === 0) {
      this.#dial(peer)
      return
    }
    this.#deps.logger.debug(
      { peer: peer.name, attempt: this.#attempt, delayMs },
      'Scheduled redial',
    )
    const cancel = this.#deps.clock.setTimeout(() => {
      this.#redial = undefined
      const now = this.#deps.peer()
      // What it was for may have come about meanwhile.
      const isNeeded =
        this.#current === undefined ||
        (now !== undefined && this.#staleness(this.#current, now) !== undefined)
      if (isNeeded && now?.url !== undefined) this.#dial({ ...now, url: now.url })
      else this.#step()
    }, delayMs)
    this.#redial = { atMs: this.#deps.clock.now() + delayMs, cancel }
  }

  /** The link has not failed: the backoff stays where it was. */
  #busyDelayMs(): number | undefined {
    const untilMs = this.#busyUntilMs
    this.#busyUntilMs = undefined
    return untilMs === undefined ? undefined : Math.max(0, untilMs - this.#deps.clock.now())
  }

  #nextDelayMs(): number {
    const backoff = this.#current === undefined ? redialBackoff : replaceBackoff
    const ownDelayMs =
      this.#attempt === 0 ? 0 : backoffMs(this.#attempt - 1, backoff, this.#deps.random)
    const toldDelayMs = (this.#failure?.retryAtMs ?? 0) - this.#deps.clock.now()
    this.#attempt++
    return Math.max(ownDelayMs, toldDelayMs)
  }

  #dial(peer: KnownPeer & { readonly url: string }): void {
    const attempt = new AbortController()
    this.#dialling = attempt
    const cancel = this.#deps.clock.setTimeout(
      () =>
        attempt.abort(new Error(`${peer.url} did not answer within ${dialTimeoutMs / 1_000} s`)),
      dialTimeoutMs,
    )
    this.#deps.tasks.run('dial', async (stopping) => {
      try {
        const signal = AbortSignal.any([attempt.signal, stopping])
        const connection = await this.#deps.connector.dial(peer, signal)
        this.#dialling = undefined
        this.#deps.metrics?.dialled('opened')
        this.adopt(connection)
      } catch (error) {
        this.#dialling = undefined
        this.#dialFailed(peer, error)
      } finally {
        cancel()
      }
      this.#step()
      this.#show()
    })
  }

  #dialFailed(peer: KnownPeer, error: unknown): void {
    if (this.#isStopped) return
    this.#deps.metrics?.dialled('failed')
    const message = error instanceof Error ? error.message : String(error)
    const facts = { peer: peer.name, url: peer.url, reason: message, attempt: this.#attempt }
    // One failure happens: a peer that was told of us a moment ago may not know us yet. After that once per change:
    // a peer that is away for a week is one line, not twenty thousand.
    const isBusy = error instanceof BusyError
    const isKnown = message === this.#failure?.message && (isBusy || this.#attempt > 2)
    if (isKnown) this.#deps.logger.debug(facts, 'Dial failed')
    else if (this.#attempt <= 1) this.#deps.logger.info(facts, 'Dial failed')
    else this.#deps.logger.warn(facts, 'Dial failed')
    if (isBusy)
      this.#busyUntilMs = this.#deps.clock.now() + busyMs(error.retryAfterMs, this.#deps.random)
    const trouble = error instanceof DialError ? { trouble: error.trouble } : {}
    if (this.#current === undefined) this.#failure = { message, ...trouble }
  }

  /** Who cannot dial asks to be dialled. */
  #ask(session: LinkSession, reason: string): void {
    const nowMs = this.#deps.clock.now()
    if (this.#asked?.session !== session || nowMs - this.#asked.atMs >= askAgainMs) {
      this.#asked = { session, atMs: nowMs }
      session.askToReplace(reason)
    }
    this.#wakeAt(this.#asked.atMs + askAgainMs)
  }

  #wakeAt(timeMs: number): void {
    const delayMs = Math.max(1_000, timeMs - this.#deps.clock.now())
    this.#cancelWake = this.#deps.clock.setTimeout(() => this.#step(), delayMs)
  }

  #show(): void {
    if (this.#isDraining) return
    const next = this.#observe()
    const isSameState = next.state === this.#view.state
    const view = { ...next, sinceMs: isSameState ? this.#view.sinceMs : this.#deps.clock.now() }
    if (isSame(this.#view, view)) return
    const was = this.#view.state
    this.#view = view
    if (!isSameState)
      this.#deps.logger.info(
        { peer: this.#name, was, is: view.state, reason: view.message },
        'Link changed',
      )
    this.#deps.onView(view)
  }

  #observe(): Omit<LinkView, 'sinceMs'> {
    const session = this.#shown()
    if (session === undefined) return this.#observeDown()
    const { direction, transport, remoteName, leaf, peerNotBeforeMs, peerNotAfterMs, seenOutside } =
      session.connection
    const peerLeaf = { notBeforeMs: peerNotBeforeMs, notAfterMs: peerNotAfterMs }
    return {
      state: session.isSuspect ? 'Suspect' : 'Connected',
      direction,
      transport,
      ...seenOutside,
      certificatesEndMs: Math.min(leaf.notAfterMs, peerNotAfterMs),
      certificatesOverdueMs: Math.min(overdueMs(leaf), overdueMs(peerLeaf)),
      ...(remoteName !== undefined && { remoteName }),
      ...(session.rttMs !== undefined && { latencyMs: session.rttMs }),
      ...(session.peer !== undefined && {
        agentVersion: session.peer.agentVersion,
        confirmedByPeer: session.peer.confirmed,
      }),
      ...(session.isSuspect && { message: 'The peer has missed two pings' }),
    }
  }

  /** While a successor proves itself, the one it succeeds is still the link. */
  #shown(): LinkSession | undefined {
    if (this.#current === undefined || this.#current.isProven) return this.#current
    return [...this.#sessions.values()].find((session) => session.isUp && session.isProven)
  }

  #observeDown(): Omit<LinkView, 'sinceMs'> {
    const waits = this.#deps.peer()?.url === undefined
    if (this.#failure !== undefined) {
      const hint = waits ? '; waiting for the peer to dial us, it has no URL here' : ''
      const { message, trouble } = this.#failure
      return {
        state: 'Disconnected',
        message: `${message}${hint}`,
        ...(trouble !== undefined && { trouble }),
      }
    }
    return waits
      ? { state: 'Disconnected', message: 'Waiting for the peer to dial us: it has no URL here' }
      : { state: 'Connecting' }
  }

  get #name(): string {
    return this.#deps.peer()?.name ?? this.#options.fingerprint.slice(0, 12)
  }
}

function expiryOf(session: LinkSession): number {
  return session.connection.peerNotAfterMs + expiryGraceMs
}

/** A removal is said inside the proven session: it is the peer's own word. */
function failureOf(end: SessionEnd): { readonly message: string; readonly trouble?: LinkTrouble } {
  const message = describeEnd(end)
  return end.by === 'peer' && end.code === 'PeerRemoved'
    ? { message, trouble: 'RemovedByPeer' }
    : { message }
}

/** In words for a person; a peer's own are quoted. */
function describeEnd({ by, code, message }: SessionEnd): string {
  const said = message === '' ? code : message
  switch (by) {
    case 'peer':
      return `The peer ended the session (${code}): "${said}"`
    case 'transport':
      return `The connection was lost: ${said}`
    case 'local':
      return `The session was ended here: ${said}`
    default:
      return by satisfies never
  }
}

/** Latency trembles; half of it more or less, and five milliseconds, is news. */
function isSame(a: LinkView, b: LinkView): boolean {
  const { latencyMs: before = 0, ...restA } = a
  const { latencyMs: now = 0, ...restB } = b
  return (
    Math.abs(now - before) <= Math.max(5, before / 2) &&
    JSON.stringify(restA) === JSON.stringify(restB)
  )
}
