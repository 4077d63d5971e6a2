import {
  createSession,
  type Session,
  type SessionEvent,
  type SessionLimits,
  type SessionOptions,
} from '../../src/index.ts'
import { FrameDecoder, FrameWriter } from '../../src/frame-codec.ts'
import { FrameType } from '../../src/frame.ts'
import { encodeHello } from '../../src/hello.ts'
import { defaultLimits } from '../../src/limits.ts'
import { aHello } from './session-pair.ts'
import { TestStream } from './test-stream.ts'
import { concat, seededRandom, VirtualTime } from './virtual-time.ts'

export interface WireFrame {
  readonly type: number
  readonly streamId: number
  readonly payload: Uint8Array
}

/** One real session, and a test in the peer's place that may send it anything. */
export class RawPeer {
  readonly time = new VirtualTime()
  readonly events: SessionEvent[] = []
  readonly accepted: TestStream[] = []
  readonly session: Session
  /** What the session sent, frame by frame. */
  readonly frames: WireFrame[] = []
  /** False: the peer's side takes no bytes. */
  takesBytes = true
  isReadingStreams = true
  closed = 0
  readonly #decoder: FrameDecoder

  constructor(limits: Partial<SessionLimits> = {}, options: Partial<SessionOptions> = {}) {
    let data: WireFrame | undefined
    this.#decoder = new FrameDecoder({
      dataBegins: (streamId, length) => {
        data = { type: FrameType.Data, streamId, payload: new Uint8Array(0) }
        if (length === 0) this.frames.push(data)
        return true
      },
      data: (streamId, part) => {
        this.frames.push({ type: FrameType.Data, streamId, payload: part })
        return true
      },
      frame: (type, _flags, streamId, payload) => {
        this.frames.push({ type, streamId, payload: payload.slice() })
        return true
      },
    })
    this.session = createSession({
      role: 'acceptor',
      hello: aHello('b'),
      transport: {
        write: (chunks) => {
          for (const chunk of chunks) this.#decoder.push(chunk)
          return this.takesBytes
        },
        close: () => {
          this.closed += 1
        },
      },
      clock: this.time,
      random: seededRandom(1),
      defer: this.time.defer,
      limits,
      onStream: (stream) =>
        this.accepted.push(new TestStream(stream, { isReading: this.isReadingStreams })),
      onEvent: (event) => this.events.push(event),
      ...options,
    })
    this.time.settle()
  }

  send(bytes: Uint8Array): this {
    this.session.receive(bytes)
    this.time.settle()
    return this
  }

  sendFrame(
    type: number,
    streamId: number,
    payload: Uint8Array = new Uint8Array(0),
    flags = 0,
  ): this {
    return this.send(frameBytes(type, streamId, payload, flags))
  }

  greet(): this {
    return this.sendFrame(FrameType.Hello, 0, encodeHello(aHello('a'), defaultLimits))
  }

  framesOf(type: FrameType): WireFrame[] {
    return this.frames.filter((frame) => frame.type === type)
  }

  get end(): { readonly by: string; readonly code: string; readonly message: string } | undefined {
    return this.session.state.kind === 'ended' ? this.session.state.end : undefined
  }
}

/** Also types and lengths that no honest side would send. */
export function frameBytes(
  type: number,
  streamId: number,
  payload: Uint8Array = new Uint8Array(0),
  flags = 0,
): Uint8Array {
  const writer = new FrameWriter()
  // A test's number for a frame type that does not exist: the writer puts it on the wire as it is.
  writer.frame(type as FrameType, flags, streamId, payload)
  return concat(writer.take())
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
