import { FrameWriter } from './frame-codec.ts'
import { FrameType, headerBytes, sessionStreamId } from './frame.ts'
import type { InFlightBound } from './in-flight-bound.ts'
import { SendScheduler } from './send-scheduler.ts'
import type { Transport } from './session-api.ts'
import type { Stream } from './stream.ts'

/**
 * Everything on its way out. Control frames are laid out at once, in order; credit is added up per
 * stream; whose bytes go next is decided only when the transport takes them, so that what became
 * urgent a moment ago still overtakes what has been waiting.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #bound: InFlightBound
  readonly #writer = new FrameWriter()
  readonly #scheduler = new SendScheduler<Stream>()
  readonly #grants = new Map<Stream, number>()
  #owedAcknowledgement = 0
  #isBlocked = false
  #madeRoom: Stream[] = []
  bytesSent = 0

  constructor(transport: Transport, bound: InFlightBound) {
    this.#transport = transport
    this.#bound = bound
  }

  get framesSent(): number {
    return this.#writer.frames
  }

  /** Control frames that wait for the transport. */
  get controlBytes(): number {
    return this.#writer.pendingBytes
  }

  control(type: FrameType, streamId: number, payload: Uint8Array, flags = 0): void {
    this.#writer.frame(type, flags, streamId, payload)
  }

  grant(stream: Stream, bytes: number): void {
    this.#grants.set(stream, (this.#grants.get(stream) ?? 0) + bytes)
  }

  /** Bytes of Data frames arrived. Answers whether and how soon the peer should be told. */
  acknowledge(bytes: number): 'now' | 'soon' | 'later' {
    this.#owedAcknowledgement += bytes
    if (this.#owedAcknowledgement >= acknowledgeAtOnceBytes) return 'now'
    return this.#owedAcknowledgement >= acknowledgeEveryBytes ? 'soon' : 'later'
  }

  activate(stream: Stream): void {
    this.#scheduler.activate(stream)
  }

  forget(stream: Stream): void {
    this.#scheduler.remove(stream)
    this.#grants.delete(stream)
  }

  /** Streams that somebody wants to write to again. */
  takeStreamsWithRoom(): readonly Stream[] {
    const streams = this.#madeRoom
    this.#madeRoom = []
    return streams
  }

  transportDrained(): void {
    this.#isBlocked = false
  }

  /** Hands over what may go now. True: there may be more, and the loop should have a turn first. */
  flush(now: number): boolean {
    for (let batch = 0; batch < batchesPerTurn; batch += 1) {
      if (this.#isBlocked) return false
      this.#layCredit()
      const dataBytes = this.#layData(now)
      if (this.#writer.pendingBytes === 0) return false
      if (dataBytes > 0) this.#bound.sent(dataBytes, now)
      this.#isBlocked = !this.#handOver()
      if (dataBytes === 0) return false
    }
    return !this.#isBlocked
  }

  /** Hello, if it is still here, and the goodbye; nothing else makes sense any more. */
  farewell(goAway: Uint8Array): void {
    this.#writer.frame(FrameType.GoAway, 0, sessionStreamId, goAway)
    this.#handOver()
  }

  /** Only these lines see the transport's answer; the bytes are counted where they leave. */
  #handOver(): boolean {
    this.bytesSent += this.#writer.pendingBytes
    return this.#transport.write(this.#writer.take())
  }

  #layCredit(): void {
    for (const [stream, bytes] of this.#grants) {
      if (!stream.peerClosed) this.#writer.window(stream.id, bytes)
    }
    this.#grants.clear()
    if (this.#owedAcknowledgement >= acknowledgeEveryBytes) {
      this.#writer.window(sessionStreamId, this.#owedAcknowledgement)
      this.#owedAcknowledgement = 0
    }
  }

  /** Answers how many bytes of Data frames, headers included, were laid out. */
  #layData(now: number): number {
    const allowance = this.#bound.allowance()
    const bulkAllowance = this.#bound.bulkAllowance(now)
    let laid = 0
    while (this.#writer.pendingBytes < batchBytes) {
      const turn = this.#scheduler.next(allowance - laid, bulkAllowance - laid)
      if (turn === undefined) {
        const hadRoom = Math.min(allowance, bulkAllowance) - laid > acknowledgeEveryBytes
        if (hadRoom) this.#bound.ranDry()
        break
      }
      turn.flow.send(this.#writer, turn.bytes)
      if (turn.bytes > 0) laid += turn.bytes + headerBytes
      if (turn.flow.owesRoomNotice) this.#madeRoom.push(turn.flow)
    }
    return laid
  }
}

/** A quarter of the smallest bound on bytes in flight; less is not worth a frame. */
const acknowledgeEveryBytes = 16 * 1024
/** So fast a sender has a large bound. Rarer acknowledgements would make its estimates coarse. */
const acknowledgeAtOnceBytes = 256 * 1024
/** One write to the transport: large enough to be cheap, small enough to be overtaken soon. */
const batchBytes = 128 * 1024
/** Then sockets that became readable meanwhile are served. */
const batchesPerTurn = 8
