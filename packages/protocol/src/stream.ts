import { ByteQueue } from './byte-queue.ts'
import { StreamCode } from './channel-code.ts'
import { Exchange } from './exchange.ts'
import type { FrameWriter } from './frame-codec.ts'
import { FrameType } from './frame.ts'
import { ReceiveWindow, SendWindow, type WindowPool } from './flow-window.ts'
import type { SessionLimits } from './limits.ts'
import type { Flow } from './send-scheduler.ts'
import type { ChannelStream, StreamHandler, StreamOutcome } from './stream-api.ts'

/** What a stream needs of the session it runs in. */
export interface StreamHost {
  readonly limits: SessionLimits
  readonly pool: WindowPool
  /** What one stream may have waiting to be sent before its writer shall wait. */
  sendBufferBytes(): number
  now(): number
  rttMs(): number | undefined
  /** The stream has bytes or a Close to send. */
  wantsToSend(stream: Stream): void
  /** Tells the peer that it may send more; at once if it may be waiting. */
  grant(stream: Stream, bytes: number, isUrgent: boolean): void
  /** So many bytes fewer are unread. */
  wasRead(bytes: number): void
  /** Someone waits to be told of what is there already. */
  wantsNotice(stream: Stream): void
  /** Tells the peer that the stream is over. */
  sendReset(stream: Stream, code: string, message: string): void
  /** Both directions ended on the wire; unread bytes may be left. */
  wireClosed(stream: Stream): void
  /** The stream is over here. */
  finished(stream: Stream): void
  /** Runs a callback of the layer above; what it throws must not reach other streams. */
  guard(stream: Stream, callback: () => void): void
}

/**
 * One stream's state: what was received and not read, what was written and not sent, and how far
 * each direction has come to its end. The session feeds it frames and asks it for frames.
 */
export class Stream implements ChannelStream, Flow {
  readonly id: number
  readonly openedBy: 'local' | 'peer'
  readonly header: Uint8Array
  readonly #host: StreamHost
  readonly #unread = new ByteQueue()
  readonly #unsent = new ByteQueue()
  readonly #receiveWindow: ReceiveWindow
  readonly #sendWindow: SendWindow
  readonly #exchange: Exchange
  #handler: StreamHandler | undefined
  #sending: 'open' | 'closing' | 'closed' = 'open'
  #peerClosed = false
  /** A reset dropped what had come and was not read: there is nothing left, but that was not the end. */
  #wasCut = false
  #wantsRoom = false
  #outcome: StreamOutcome | undefined

  constructor(host: StreamHost, options: StreamOptions) {
    const { limits } = host
    this.#host = host
    this.id = options.id
    this.openedBy = options.openedBy
    this.header = options.header
    this.#receiveWindow = new ReceiveWindow(
      host.pool,
      limits.initialWindowBytes,
      limits.maxWindowBytes,
      host.now(),
    )
    this.#sendWindow = new SendWindow(options.sendWindowBytes)
    this.#exchange = new Exchange(limits)
  }

  // ── for the layer above ──────────────────────────────────────────────────────────────────────

  get unreadBytes(): number {
    return this.#unread.byteLength
  }

  get readEnded(): boolean {
    return this.#peerClosed && this.#unread.byteLength === 0 && !this.#wasCut
  }

  get outcome(): StreamOutcome | undefined {
    return this.#outcome
  }

  handle(handler: StreamHandler): void {
    this.#handler = handler
    if (this.unreadBytes > 0 || this.readEnded || this.#outcome) this.#host.wantsNotice(this)
  }

  read(): Uint8Array | undefined {
    const bytes = this.#unread.take()
    if (bytes === undefined) return undefined
    this.#host.wasRead(bytes.length)
    if (!this.#peerClosed) {
      const isUrgent = this.#receiveWindow.isLow
      const grant = this.#receiveWindow.consume(bytes.length, this.#host.now(), this.#host.rttMs())
      if (grant > 0) this.#host.grant(this, grant, isUrgent)
    } else if (this.readEnded) {
      // Later, not now: the reader must have these bytes before it hears that the stream is over.
      this.#host.wantsNotice(this)
    }
    return bytes
  }

  write(bytes: Uint8Array): boolean {
    if (this.#outcome !== undefined) return false
    if (this.#sending !== 'open')
      throw new Error(`Stream ${this.id} was written to after its close`)
    if (this.#unsent.byteLength === 0) this.#exchange.resume(this.#host.now())
    this.#unsent.push(bytes)
    this.#host.wantsToSend(this)
    this.#wantsRoom = this.#unsent.byteLength >= this.#host.sendBufferBytes()
    return !this.#wantsRoom
  }

  close(): void {
    if (this.#sending !== 'open' || this.#outcome !== undefined) return
    this.#sending = 'closing'
    this.#host.wantsToSend(this)
  }

  reset(code: string, message = ''): void {
    if (this.#outcome !== undefined) return
    this.#host.sendReset(this, code, message)
    this.finish({ kind: 'reset', by: 'local', code, message })
  }

  // ── for the scheduler ────────────────────────────────────────────────────────────────────────

  get readyBytes(): number {
    return Math.min(this.#unsent.byteLength, this.#sendWindow.available)
  }

  get readyToClose(): boolean {
    return this.#sending === 'closing' && this.#unsent.byteLength === 0
  }

  get isBulk(): boolean {
    return this.#exchange.isBulk
  }

  // ── for the session ──────────────────────────────────────────────────────────────────────────

  get peerClosed(): boolean {
    return this.#peerClosed
  }

  /** Lays the next `bytes` of what was written into a Data frame, or the Close if all is sent. */
  send(writer: FrameWriter, bytes: number): void {
    if (bytes > 0) this.#sendData(writer, bytes)
    if (this.readyToClose) {
      writer.begin(FrameType.Close, 0, this.id, 0)
      this.#sending = 'closed'
      if (this.#peerClosed) this.#host.wireClosed(this)
      this.#host.wantsNotice(this)
    }
  }

  #sendData(writer: FrameWriter, bytes: number): void {
    writer.begin(FrameType.Data, 0, this.id, bytes)
    for (let rest = bytes; rest > 0;) {
      const part = this.#unsent.take(rest)
      if (part === undefined) break
      writer.payload(part)
      rest -= part.length
    }
    this.#sendWindow.spend(bytes)
    this.#exchange.sent(bytes)
    if (this.#unsent.byteLength === 0) this.#exchange.idle(this.#host.now())
  }

  /** Room was made and somebody waits for it. */
  get owesRoomNotice(): boolean {
    return this.#wantsRoom && this.#unsent.byteLength * 2 <= this.#host.sendBufferBytes()
  }

  noticeRoom(): void {
    // Two frames of one batch may both have made room; and an earlier callback may have filled it.
    if (!this.owesRoomNotice) return
    this.#wantsRoom = false
    this.#host.guard(this, () => this.#handler?.onWritable())
  }

  /** A Data frame begins. False if the peer had no credit for it. */
  mayReceive(bytes: number): boolean {
    this.#exchange.peerSpoke()
    return this.#receiveWindow.receive(bytes)
  }

  receive(part: Uint8Array): void {
    this.#unread.push(part)
  }

  receiveClose(): void {
    this.#peerClosed = true
    if (this.#sending === 'closed') this.#host.wireClosed(this)
  }

  /** False if the credit is absurd. */
  receiveGrant(bytes: number): boolean {
    if (!this.#sendWindow.grant(bytes)) return false
    if (this.#unsent.byteLength > 0) this.#host.wantsToSend(this)
    return true
  }

  /** After a batch of frames: tells the handler, then makes what stays fit for a long wait. */
  notice(): void {
    const hasNews = this.#outcome === undefined && (this.unreadBytes > 0 || this.readEnded)
    if (hasNews) this.#host.guard(this, () => this.#handler?.onReadable())
    this.#unread.settle()
    if (this.#sending === 'closed' && this.readEnded) this.finish({ kind: 'closed' })
    else if (this.#outcome !== undefined) this.#tellOutcome(this.#outcome)
  }

  finish(outcome: StreamOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#wasCut = this.#unread.byteLength > 0
    this.#host.wasRead(this.#unread.byteLength)
    this.#unread.clear()
    this.#unsent.clear()
    this.#receiveWindow.release()
    this.#host.finished(this)
    this.#tellOutcome(outcome)
  }

  /** Once: the handler is let go. */
  #tellOutcome(outcome: StreamOutcome): void {
    const handler = this.#handler
    this.#handler = undefined
    if (handler !== undefined) this.#host.guard(this, () => handler.onClosed(outcome))
  }
}

export interface StreamOptions {
  readonly id: number
  readonly openedBy: 'local' | 'peer'
  readonly header: Uint8Array
  /** What the peer's Hello grants a new stream. */
  readonly sendWindowBytes: number
}

/** Resets that say something about the channel or the peer, not about what the stream carried. */
export const channelResets: ReadonlySet<string> = new Set([
  StreamCode.WindowExceeded,
  StreamCode.WindowOverflow,
  StreamCode.SessionMemoryExceeded,
])
