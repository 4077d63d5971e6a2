import { SessionCode, StreamCode } from './channel-code.ts'
import type { CancelTimer } from './clock.ts'
import { decodeGoAway, decodeReset, encodeGoAway, encodeReset } from './farewell.ts'
import { WindowPool } from './flow-window.ts'
import { FrameDecoder, type FrameSink, readUint32 } from './frame-codec.ts'
import { FrameFlag, FrameType, headerBytes, pingBytes, sessionStreamId } from './frame.ts'
import {
  encodeHello,
  negotiateVersion,
  type PeerHello,
  protocolVersions,
  readHello,
} from './hello.ts'
import { InFlightBound } from './in-flight-bound.ts'
import { defaultLimits, type SessionLimits } from './limits.ts'
import { Liveness, type PingPurpose } from './liveness.ts'
import { Outbox } from './outbox.ts'
import { PairLoad, sessionsOfLoad } from './pair-load.ts'
import type {
  DrainOptions,
  OpenResult,
  OpenVerdict,
  Session,
  SessionEnd,
  SessionEvent,
  SessionOptions,
  SessionRole,
  SessionState,
  SessionStats,
} from './session-api.ts'
import { channelResets, Stream, type StreamHost } from './stream.ts'
import { StreamTable } from './stream-table.ts'
import { TokenBucket } from './token-bucket.ts'

/** Begins a session on a connection that is authenticated already: our Hello is on its way when this returns. */
export function createSession(options: SessionOptions): Session {
  return new ChannelSession(options)
}

class ChannelSession implements Session, FrameSink, StreamHost {
  readonly role: SessionRole
  readonly limits: SessionLimits
  readonly pool: WindowPool
  readonly #options: SessionOptions
  readonly #decoder: FrameDecoder
  readonly #bound: InFlightBound
  readonly #outbox: Outbox
  readonly #liveness: Liveness
  readonly #table: StreamTable
  readonly #peerOpens: TokenBucket
  #ourOpens: TokenBucket | undefined
  #state: SessionState = { kind: 'greeting' }
  /** We asked for no more streams. `proven`: the peer knows, whatever it opened before is here. */
  #ourDrain: { proven: boolean } | undefined
  #peerDrains = false
  #cancelHelloTimer: CancelTimer
  #cancelDrainTimer: CancelTimer | undefined
  #cancelSoonTimer: CancelTimer | undefined
  #isTurnDue = false
  #toNotice = new Set<Stream>()
  #unreadBytes = 0
  readonly #load: PairLoad
  readonly #counters = {
    bytesReceived: 0,
    framesReceived: 0,
    streamsOpened: 0,
    streamsAccepted: 0,
    streamsRefused: 0,
  }

  constructor(options: SessionOptions) {
    const { clock, random, transport } = options
    this.#options = options
    this.#load = options.load ?? new PairLoad()
    this.role = options.role
    this.limits = { ...defaultLimits, ...options.limits }
    this.pool = new WindowPool(this.limits.maxUnreadBytes)
    this.#decoder = new FrameDecoder(this)
    this.#bound = new InFlightBound(this.limits)
    this.#outbox = new Outbox(transport, this.#bound)
    this.#table = new StreamTable(options.role)
    const { opensPerSecond, openBurst } = this.limits
    this.#peerOpens = new TokenBucket(opensPerSecond, openBurst, clock.now())
    this.#liveness = new Liveness(
      {
        clock,
        random,
        sendPing: (payload, purpose) => this.#sendPing(payload, purpose),
        onAnswered: (answer) => this.#answered(answer),
        onSuspect: (missedPings) => this.#emit({ kind: 'suspect', missedPings }),
        onRecovered: () => this.#emit({ kind: 'recovered' }),
        onSilent: () => this.#peerIsSilent(),
      },
      this.limits,
    )
    this.#cancelHelloTimer = clock.schedule(this.limits.helloTimeoutMs, () => this.#helloIsLate())
    this.#outbox.control(FrameType.Hello, sessionStreamId, encodeHello(options.hello, this.limits))
    this.#requestTurn()
  }

  // ── for the layer above ──────────────────────────────────────────────────────────────────────

  get state(): SessionState {
    return this.#state
  }

  open(header: Uint8Array): OpenResult {
    const state = this.#state
    if (state.kind === 'draining') {
      return refused(StreamCode.Draining, 'The session drains; open the stream on its successor')
    }
    if (state.kind !== 'up') return refused('NotUp', `The session is not up (${state.kind})`)
    const denial = this.#denyOurOpen(header, state.peer)
    if (denial !== undefined) return denial
    const id = this.#table.nextId()
    if (id === undefined) {
      return refused('StreamIdsExhausted', 'All stream ids of this session were used; replace it')
    }
    this.#outbox.control(FrameType.Open, id, header)
    this.#counters.streamsOpened += 1
    this.#requestTurn()
    return { kind: 'opened', stream: this.#addStream(id, 'local', header, state.peer) }
  }

  /** What the peer's Hello does not allow is not even tried. */
  #denyOurOpen(header: Uint8Array, peer: PeerHello): OpenResult | undefined {
    const { maxOpenHeaderBytes, maxStreams } = peer.limits
    if (header.length > Math.min(maxOpenHeaderBytes, defaultLimits.maxOpenHeaderBytes)) {
      return refused(
        StreamCode.OpenHeaderTooLarge,
        `The stream's header has ${header.length} bytes; the peer takes ${maxOpenHeaderBytes}`,
      )
    }
    if (this.#table.ourCount >= maxStreams) {
      return refused(StreamCode.TooManyStreams, `All ${maxStreams} streams to the peer are in use`)
    }
    if (this.#outbox.controlBytes * 2 > this.limits.maxControlBytes) {
      return refused(StreamCode.Congested, 'The connection takes nothing at present')
    }
    if (this.#ourOpens?.take(this.now()) !== true) {
      const retryAfterMs = this.#ourOpens?.waitMs() ?? 0
      return {
        kind: 'refused',
        code: StreamCode.OpenRateExceeded,
        message: `The peer takes ${peer.limits.opensPerSecond} new streams per second`,
        retryAfterMs,
      }
    }
    return undefined
  }

  ping(): void {
    this.#liveness.ping()
  }

  drain(options: DrainOptions = {}): void {
    const { code = SessionCode.Drain, message = '', retryAfterMs } = options
    const state = this.#state
    if (state.kind === 'ended' || this.#ourDrain !== undefined) return
    if (state.kind === 'greeting') {
      this.end(code, message, options)
      return
    }
    this.#ourDrain = { proven: false }
    if (state.kind === 'up') this.#state = { ...state, kind: 'draining', by: 'local' }
    this.#sendGoAway(code, message, retryAfterMs)
    this.#liveness.ping('barrier')
    this.#startDrainTimer()
  }

  askToReplace(message: string): void {
    if (this.#state.kind === 'up') this.#sendGoAway(SessionCode.Replace, message, undefined)
  }

  end(
    code: string,
    message: string,
    { retryAfterMs }: { readonly retryAfterMs?: number } = {},
  ): void {
    if (this.#state.kind === 'ended') return
    this.#outbox.farewell(encodeGoAway({ code, message, retryAfterMs }))
    this.#finish(
      { by: 'local', code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      'close transport',
    )
  }

  transportClosed(message = 'The connection ended without a goodbye'): void {
    this.#finish(
      { by: 'transport', code: SessionCode.TransportClosed, message },
      'transport is gone',
    )
  }

  transportDrained(): void {
    this.#outbox.transportDrained()
    this.#turn()
  }

  stats(): SessionStats {
    const { smoothedMs, minMs } = this.#bound.roundTrip
    return {
      ...this.#counters,
      bytesSent: this.#outbox.bytesSent,
      framesSent: this.#outbox.framesSent,
      openStreams: this.#table.liveCount,
      unreadBytes: this.#unreadBytes,
      inFlightBytes: this.#bound.inFlightBytes,
      inFlightBoundBytes: this.#bound.boundBytes,
      deliveryRateBytesPerMs: this.#bound.deliveryRate,
      rttMs: smoothedMs,
      minRttMs: minMs,
    }
  }

  // ── what comes in ────────────────────────────────────────────────────────────────────────────

  receive(bytes: Uint8Array): void {
    if (this.#state.kind === 'ended') return
    const now = this.now()
    this.#counters.bytesReceived += bytes.length
    this.#liveness.heard(now)
    const violation = this.#decoder.push(bytes)
    if (violation !== undefined) this.end(violation.code, violation.message)
    this.#holdMemoryBound()
    this.#giveNotices()
    this.#liveness.measure(now)
    this.#endIfDrained()
  }

  dataBegins(streamId: number, length: number): boolean {
    this.#counters.framesReceived += 1
    if (!this.#hasGreeted('Data')) return false
    this.#acknowledge(headerBytes)
    const stream = this.#table.get(streamId)
    if (stream === undefined) return this.#mustHaveBeenOpened(streamId, 'Data')
    if (stream.peerClosed) return this.#violates(`Data on stream ${streamId} after its Close`)
    if (!stream.mayReceive(length)) {
      this.#resetForChannel(stream, StreamCode.WindowExceeded, 'More bytes came than were granted')
    }
    return this.#goesOn()
  }

  data(streamId: number, part: Uint8Array): boolean {
    this.#acknowledge(part.length)
    const stream = this.#table.get(streamId)
    // Gone: the rest of what was on its way to a stream we reset.
    if (stream === undefined) return true
    stream.receive(part)
    this.#unreadBytes += part.length
    this.#load.unreadBytes += part.length
    this.#toNotice.add(stream)
    return true
  }

  frame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): boolean {
    this.#counters.framesReceived += 1
    if (type === FrameType.Hello) return this.#receiveHello(streamId, payload)
    if (!this.#hasGreeted(`A frame of type ${type}`)) return false
    switch (type) {
      case FrameType.Open:
        return this.#receiveOpen(streamId, payload)
      case FrameType.Window:
        return this.#receiveWindow(streamId, payload)
      case FrameType.Close:
        return this.#receiveClose(streamId)
      case FrameType.Reset:
        return this.#receiveReset(streamId, payload)
      case FrameType.Ping:
        return this.#receivePing(streamId, flags, payload)
      case FrameType.Pong:
        return this.#receivePong(streamId, payload)
      case FrameType.GoAway:
        return this.#receiveGoAway(streamId, payload)
      case FrameType.Data:
        return this.#violates('Data came as a whole frame')
      default:
        return type satisfies never
    }
  }

  #receiveHello(streamId: number, payload: Uint8Array): boolean {
    if (this.#state.kind !== 'greeting') return this.#violates('A second Hello')
    if (streamId !== sessionStreamId) return this.#violates('Hello on a stream')
    const reading = readHello(payload)
    if (reading.kind === 'invalid') {
      this.end(SessionCode.HelloInvalid, reading.message)
      return false
    }
    const peer = reading.hello
    if (this.role === 'acceptor' && peer.dialSeq === undefined) {
      this.end(SessionCode.HelloInvalid, 'Hello: a dialler must send dialSeq')
      return false
    }
    const version = negotiateVersion(protocolVersions, peer.versions)
    if (version === undefined) {
      this.end(
        SessionCode.VersionMismatch,
        `No common protocol version: here ${protocolVersions.join(', ')}, there ${peer.versions.join(', ')}`,
      )
      return false
    }
    this.#cancelHelloTimer()
    this.#state = { kind: 'up', peer, version }
    const { opensPerSecond, openBurst } = peer.limits
    this.#ourOpens = new TokenBucket(opensPerSecond, openBurst, this.now())
    this.#liveness.start()
    this.#emit({ kind: 'up', peer, version })
    return this.#goesOn()
  }

  #receiveOpen(streamId: number, payload: Uint8Array): boolean {
    if (!this.#table.claimPeerId(streamId)) {
      return this.#violates(`Open with stream id ${streamId}, which is not the peer's next`)
    }
    const state = this.#state
    if (state.kind !== 'up' && state.kind !== 'draining') return false
    // A copy: the header stays for the life of the stream. Not `slice`, which is a view on a Node Buffer.
    const header = new Uint8Array(payload)
    const verdict = this.#judgeOpen(header, state.peer)
    if (verdict.kind === 'refuse') {
      this.#counters.streamsRefused += 1
      this.#emit({ kind: 'openRefused', code: verdict.code, message: verdict.message })
      return this.#sendProvoked(FrameType.Reset, streamId, encodeReset(verdict))
    }
    this.#counters.streamsAccepted += 1
    const stream = this.#addStream(streamId, 'peer', header, state.peer)
    this.guard(stream, () => this.#options.onStream(stream))
    return this.#goesOn()
  }

  /** Cheapest first; the first refusal is the answer. */
  #judgeOpen(header: Uint8Array, peer: PeerHello): OpenVerdict {
    const { maxOpenHeaderBytes, maxStreams, opensPerSecond } = this.limits
    if (this.#state.kind === 'draining') {
      return refuse(StreamCode.Draining, 'The session drains; open the stream on its successor')
    }
    if (header.length > maxOpenHeaderBytes) {
      return refuse(
        StreamCode.OpenHeaderTooLarge,
        `The header has ${header.length} bytes; ${maxOpenHeaderBytes} are allowed`,
      )
    }
    if (this.#table.peerCount >= maxStreams || this.#table.lingeringCount >= maxStreams) {
      return refuse(StreamCode.TooManyStreams, `${maxStreams} streams may be open at once`)
    }
    if (this.#load.peerStreams >= sessionsOfLoad * maxStreams) {
      return refuse(
        StreamCode.TooManyStreams,
        `${sessionsOfLoad * maxStreams} streams may be open at once on all your sessions`,
      )
    }
    if (!this.#peerOpens.take(this.now())) {
      return refuse(
        StreamCode.OpenRateExceeded,
        `${opensPerSecond} streams per second may be opened`,
      )
    }
    try {
      return this.#options.canOpen?.({ header, peer }) ?? { kind: 'accept' }
    } catch (error) {
      this.#emit({ kind: 'callbackFailed', error })
      return refuse(StreamCode.InternalError, 'The stream could not be judged')
    }
  }

  #receiveWindow(streamId: number, payload: Uint8Array): boolean {
    if (payload.length !== 4) return this.#violates('Window without its four bytes')
    const bytes = readUint32(payload, 0)
    if (streamId === sessionStreamId) {
      if (!this.#bound.acknowledge(bytes, this.now())) {
        return this.#violates('Window on stream 0 acknowledges more than was sent')
      }
      this.#requestTurn()
      return true
    }
    const stream = this.#table.get(streamId)
    if (stream === undefined) return this.#mustHaveBeenOpened(streamId, 'Window')
    if (!stream.receiveGrant(bytes)) {
      this.#resetForChannel(stream, StreamCode.WindowOverflow, 'Credit beyond what a window holds')
    }
    return this.#goesOn()
  }

  #receiveClose(streamId: number): boolean {
    const stream = this.#table.get(streamId)
    if (stream === undefined) return this.#mustHaveBeenOpened(streamId, 'Close')
    if (stream.peerClosed) return this.#violates(`A second Close on stream ${streamId}`)
    stream.receiveClose()
    this.#toNotice.add(stream)
    return true
  }

  #receiveReset(streamId: number, payload: Uint8Array): boolean {
    const farewell = decodeReset(payload)
    if (farewell === undefined) return this.#violates('A Reset that cannot be read')
    const stream = this.#table.get(streamId)
    if (stream === undefined) return this.#mustHaveBeenOpened(streamId, 'Reset')
    stream.finish({ kind: 'reset', by: 'peer', ...farewell })
    return this.#goesOn()
  }

  #receivePing(streamId: number, flags: number, payload: Uint8Array): boolean {
    if (streamId !== sessionStreamId) return this.#violates('Ping on a stream')
    if (payload.length !== pingBytes) return this.#violates('Ping without its eight bytes')
    if ((flags & FrameFlag.Quiet) !== 0) this.#bound.holdForPeer(this.now())
    return this.#sendProvoked(FrameType.Pong, sessionStreamId, payload)
  }

  #receivePong(streamId: number, payload: Uint8Array): boolean {
    if (streamId !== sessionStreamId) return this.#violates('Pong on a stream')
    if (payload.length !== pingBytes) return this.#violates('Pong without its eight bytes')
    this.#liveness.pong(payload, this.now())
    return this.#goesOn()
  }

  #receiveGoAway(streamId: number, payload: Uint8Array): boolean {
    if (streamId !== sessionStreamId) return this.#violates('GoAway on a stream')
    const goAway = decodeGoAway(payload)
    if (goAway === undefined) return this.#violates('A GoAway that cannot be read')
    const { code, message, retryAfterMs } = goAway
    const rest = { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
    switch (code) {
      case SessionCode.Replace:
        this.#emit({ kind: 'replaceAsked', message })
        break
      case SessionCode.Drain:
      case SessionCode.Superseded:
        if (this.#state.kind === 'up') {
          this.#state = { ...this.#state, kind: 'draining', by: 'peer' }
          this.#startDrainTimer()
        }
        // Said again it is no news, and must not become work for the link above.
        if (!this.#peerDrains) this.#emit({ kind: 'peerDrains', ...rest })
        this.#peerDrains = true
        break
      default:
        this.#finish({ by: 'peer', ...rest }, 'close transport')
    }
    return this.#goesOn()
  }

  /** Frames may come once the peer has said who it is; Hello is the first, always. */
  #hasGreeted(what: string): boolean {
    return this.#state.kind !== 'greeting' || this.#violates(`${what} before Hello`)
  }

  /** Frames for streams that ended are late; frames for streams that never were are lies. */
  #mustHaveBeenOpened(streamId: number, what: string): boolean {
    return (
      this.#table.wasOpened(streamId) ||
      this.#violates(`${what} on stream ${streamId}, which was never opened`)
    )
  }

  #violates(message: string): false {
    this.end(SessionCode.ProtocolError, message)
    return false
  }

  /** A callback may have ended the session; then no further frame is looked at. */
  #goesOn(): boolean {
    return this.#state.kind !== 'ended'
  }

  #acknowledge(bytes: number): void {
    const when = this.#outbox.acknowledge(bytes)
    if (when === 'now') this.#requestTurn()
    else if (when === 'soon') this.#requestTurnSoon()
  }

  /** Answers the peer provokes are bounded: it may send Pings and Opens without ever reading. */
  #sendProvoked(type: FrameType, streamId: number, payload: Uint8Array): boolean {
    this.#outbox.control(type, streamId, payload)
    return this.#holdControlBound()
  }

  #holdControlBound(): boolean {
    this.#requestTurn()
    if (this.#outbox.controlBytes <= this.limits.maxControlBytes) return true
    this.end(SessionCode.ControlFlood, 'The peer asks for more answers than it takes')
    return false
  }

  /** Every window was kept, but together they may promise more than the session may hold. */
  #holdMemoryBound(): void {
    while (this.#holdsTooMuch()) {
      const stream = this.#table.mostUnread()
      if (stream === undefined) return
      this.#resetForChannel(
        stream,
        StreamCode.SessionMemoryExceeded,
        `The session holds ${this.#unreadBytes} unread bytes, most of them on this stream`,
      )
    }
  }

  /** What weighs may lie in other sessions with this peer; then this one may hold nothing. */
  #holdsTooMuch(): boolean {
    const { maxUnreadBytes } = this.limits
    return (
      this.#unreadBytes > maxUnreadBytes ||
      (this.#unreadBytes > 0 && this.#load.unreadBytes > sessionsOfLoad * maxUnreadBytes)
    )
  }

  #resetForChannel(stream: Stream, code: StreamCode, message: string): void {
    const outcome = { kind: 'reset', by: 'local', code, message } as const
    stream.reset(code, message)
    if (channelResets.has(code)) this.#emit({ kind: 'streamReset', streamId: stream.id, outcome })
  }

  // ── what goes out ────────────────────────────────────────────────────────────────────────────

  /** Everything written until the end of the tick leaves together. */
  #requestTurn(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    this.#options.defer(() => {
      this.#isTurnDue = false
      this.#turn()
    })
  }

  /**
   * For credit that nobody waits for yet. Each message on its way back costs both sides as much as
   * tens of kilobytes of Data; a moment later it travels with others.
   */
  #requestTurnSoon(): void {
    if (this.#isTurnDue || this.#state.kind === 'ended') return
    this.#cancelSoonTimer ??= this.#options.clock.schedule(creditDelayMs, () => {
      this.#cancelSoonTimer = undefined
      this.#turn()
    })
  }

  #turn(): void {
    this.#giveNotices()
    if (this.#state.kind === 'ended') return
    this.#cancelSoonTimer?.()
    this.#cancelSoonTimer = undefined
    const now = this.now()
    if (this.#state.kind !== 'greeting' && this.#bound.wantsQuietPing(now)) {
      this.#bound.quietPingSent()
      this.#liveness.ping('quiet')
    }
    const hasMore = this.#outbox.flush(now)
    if (this.#bound.inFlightBytes > 0) this.#liveness.measure(now)
    for (const stream of this.#outbox.takeStreamsWithRoom()) stream.noticeRoom()
    this.#endIfDrained()
    if (hasMore || this.#toNotice.size > 0) this.#requestTurn()
  }

  #giveNotices(): void {
    if (this.#toNotice.size === 0) return
    const streams = this.#toNotice
    this.#toNotice = new Set()
    for (const stream of streams) stream.notice()
  }

  #sendPing(payload: Uint8Array, purpose: PingPurpose): void {
    const flags = purpose === 'quiet' ? FrameFlag.Quiet : 0
    this.#outbox.control(FrameType.Ping, sessionStreamId, payload, flags)
    this.#requestTurn()
  }

  #sendGoAway(code: string, message: string, retryAfterMs: number | undefined): void {
    const payload = encodeGoAway({ code, message, retryAfterMs })
    this.#outbox.control(FrameType.GoAway, sessionStreamId, payload)
    this.#requestTurn()
  }

  // ── the life of the session ──────────────────────────────────────────────────────────────────

  #answered({
    rttMs,
    first,
    purpose,
  }: {
    readonly rttMs: number
    readonly first: boolean
    readonly purpose: PingPurpose
  }): void {
    const now = this.now()
    this.#bound.roundTrip.sample(rttMs, now)
    if (purpose === 'quiet') this.#bound.quietPingAnswered(rttMs, now)
    if (purpose === 'barrier' && this.#ourDrain !== undefined) this.#ourDrain.proven = true
    this.#emit({ kind: 'answered', rttMs, first })
    this.#requestTurn()
  }

  #endIfDrained(): void {
    if (this.#ourDrain?.proven === true && this.#table.liveCount === 0) {
      this.end(SessionCode.Drained, 'All streams have ended')
    }
  }

  #startDrainTimer(): void {
    this.#cancelDrainTimer ??= this.#options.clock.schedule(this.limits.drainTimeoutMs, () =>
      this.#drainIsLate(),
    )
  }

  #drainIsLate(): void {
    for (const stream of this.#table.live()) {
      stream.reset(StreamCode.Drained, 'The session drained for as long as it may')
    }
    this.end(SessionCode.Drained, 'The session drained for as long as it may')
  }

  #helloIsLate(): void {
    this.end(SessionCode.HelloTimeout, `No Hello within ${this.limits.helloTimeoutMs} ms`)
  }

  #peerIsSilent(): void {
    const message = `Nothing was heard from the peer for ${this.limits.silenceMs} ms`
    this.#finish({ by: 'transport', code: SessionCode.PeerSilent, message }, 'close transport')
  }

  #finish(end: SessionEnd, transport: 'close transport' | 'transport is gone'): void {
    if (this.#state.kind === 'ended') return
    this.#state = { kind: 'ended', end }
    this.#cancelHelloTimer()
    this.#cancelDrainTimer?.()
    this.#cancelSoonTimer?.()
    this.#liveness.stop()
    if (transport === 'close transport') this.#options.transport.close()
    // Streams that are complete and only not yet read need no session any more.
    for (const stream of this.#table.live()) {
      const message = `The session ended: ${end.code}${end.message === '' ? '' : `: ${end.message}`}`
      stream.finish({ kind: 'reset', by: 'session', code: StreamCode.SessionEnded, message })
    }
    this.#emit({ kind: 'ended', end })
  }

  #addStream(id: number, openedBy: 'local' | 'peer', header: Uint8Array, peer: PeerHello): Stream {
    const sendWindowBytes = peer.limits.initialWindowBytes
    const stream = new Stream(this, { id, openedBy, header, sendWindowBytes })
    this.#table.add(stream)
    this.#load.streams += 1
    if (openedBy === 'peer') this.#load.peerStreams += 1
    return stream
  }

  #emit(event: SessionEvent): void {
    try {
      this.#options.onEvent(event)
    } catch (error) {
      // A sink that fails even for this has nobody left to be told; the session must go on.
      if (event.kind !== 'callbackFailed') this.#emit({ kind: 'callbackFailed', error })
    }
  }

  // ── for the streams ──────────────────────────────────────────────────────────────────────────

  sendBufferBytes(): number {
    const { sendBufferBytes, maxUnsentBytes } = this.limits
    const share = maxUnsentBytes / Math.max(1, this.#load.streams)
    return Math.min(sendBufferBytes, Math.max(leastSendBufferBytes, share))
  }

  now(): number {
    return this.#options.clock.now()
  }

  rttMs(): number | undefined {
    return this.#bound.roundTrip.smoothedMs
  }

  wantsToSend(stream: Stream): void {
    this.#outbox.activate(stream)
    this.#requestTurn()
  }

  grant(stream: Stream, bytes: number, isUrgent: boolean): void {
    this.#outbox.grant(stream, bytes)
    if (isUrgent) this.#requestTurn()
    else this.#requestTurnSoon()
  }

  wasRead(bytes: number): void {
    this.#unreadBytes -= bytes
    this.#load.unreadBytes -= bytes
  }

  wantsNotice(stream: Stream): void {
    this.#toNotice.add(stream)
    this.#requestTurn()
  }

  sendReset(stream: Stream, code: string, message: string): void {
    if (this.#table.get(stream.id) !== stream) return
    this.#outbox.control(FrameType.Reset, stream.id, encodeReset({ code, message }))
    this.#holdControlBound()
  }

  wireClosed(stream: Stream): void {
    this.#outbox.forget(stream)
    this.#table.linger(stream)
  }

  finished(stream: Stream): void {
    this.#outbox.forget(stream)
    this.#table.remove(stream)
    this.#load.streams -= 1
    if (stream.openedBy === 'peer') this.#load.peerStreams -= 1
    if (this.#ourDrain !== undefined) this.#requestTurn()
  }

  guard(stream: Stream, callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#emit({ kind: 'callbackFailed', error })
      stream.reset(StreamCode.InternalError, 'The other side failed while it handled this stream')
    }
  }
}

/** A writer that had to wait for each small piece would be slow, and its one chunk is what it holds anyway. */
const leastSendBufferBytes = 16 * 1024

/** Far below what matters for any estimate, far above the time between two reads of a busy socket. */
const creditDelayMs = 2

function refused(
  code: Extract<OpenResult, { kind: 'refused' }>['code'],
  message: string,
): OpenResult {
  return { kind: 'refused', code, message }
}

function refuse(code: StreamCode, message: string): OpenVerdict {
  return { kind: 'refuse', code, message }
}
