import { Duplex } from 'node:stream'
import {
  decodeExecMessage,
  encodeExecFailure,
  encodeExecMessage,
  encodeExit,
  ExecChannel,
  fromProblem,
  isPorpulsionError,
  PorpulsionError,
  readExecStatus,
  type ExecMessage,
} from '@porpulsion/contract'
import { encodeExecFrame, ExecFrameDecoder } from './exec-frames.ts'
import { MAX_FRAMES_AHEAD } from './limits.ts'

/**
 * Submitter: a command at a peer as the messages of a terminal, objects of type Uint8Array in both directions. Always
 * says how it ended: with a status as the last message, whatever broke.
 */
export class TerminalMessages extends Duplex {
  readonly #link: Duplex
  readonly #inPeersWords: (error: PorpulsionError) => PorpulsionError
  readonly #decoder = new ExecFrameDecoder()
  #hasStatus = false

  constructor(link: Duplex, inPeersWords: (error: PorpulsionError) => PorpulsionError) {
    super({
      objectMode: true,
      allowHalfOpen: true,
      readableHighWaterMark: MAX_FRAMES_AHEAD,
      writableHighWaterMark: MAX_FRAMES_AHEAD,
    })
    this.#link = link
    this.#inPeersWords = inPeersWords
    link.on('data', (chunk: Buffer) => this.#onBytes(chunk))
    link.once('end', () => this.#fail(lost('The peer ended the connection')))
    link.once('error', (error) =>
      this.#fail(isPorpulsionError(error) ? error : lost(error.message)),
    )
  }

  override _read(): void {
    this.#link.resume()
  }

  override _write(message: Uint8Array, _encoding: BufferEncoding, done: WriteCallback): void {
    const read = decodeExecMessage(message)
    if (read === undefined || !fromClient.has(read.channel)) this.#fail(notForUs(message[0]))
    // After the status nobody reads any more.
    if (read === undefined || this.#hasStatus || !this.#link.writable) done()
    else this.#link.write(encodeExecFrame(read.channel, read.bytes), () => done())
  }

  override _final(done: () => void): void {
    this.#link.end()
    done()
  }

  override _destroy(error: Error | null, done: WriteCallback): void {
    this.#link.destroy()
    done(error)
  }

  #onBytes(chunk: Buffer): void {
    try {
      for (const message of this.#decoder.push(chunk)) this.#onMessage(message)
    } catch (error) {
      this.#fail(isPorpulsionError(error) ? error : lost(String(error)))
      this.#link.destroy()
    }
  }

  #onMessage({ channel, bytes }: ExecMessage): void {
    if (channel === ExecChannel.Status) this.#end(this.#statusOf(bytes))
    else if (!this.#hasStatus && fromHost.has(channel)) {
      if (!this.push(encodeExecMessage(channel, bytes))) this.#link.pause()
    }
  }

  /** What the peer says went wrong is shown as the peer's words. */
  #statusOf(bytes: Uint8Array): Uint8Array {
    const status = readExecStatus(bytes)
    if (status === undefined) return encodeExecFailure(lost('The peer sent a status nobody knows'))
    return 'exitCode' in status
      ? encodeExit(status.exitCode)
      : encodeExecFailure(this.#inPeersWords(fromProblem(status)))
  }

  #fail(error: PorpulsionError): void {
    this.#end(encodeExecFailure(error))
  }

  #end(status: Uint8Array): void {
    if (this.#hasStatus || this.destroyed) return
    this.#hasStatus = true
    this.push(status)
    this.push(null)
    // Nothing of ours is left to say; what the peer still sends is not waited for.
    this.#link.end()
    this.#link.resume()
  }
}

type WriteCallback = (error?: Error | null) => void

const fromClient: ReadonlySet<ExecChannel> = new Set([
  ExecChannel.Stdin,
  ExecChannel.Resize,
  ExecChannel.Close,
])
const fromHost: ReadonlySet<ExecChannel> = new Set([
  ExecChannel.Stdout,
  ExecChannel.Stderr,
  ExecChannel.Close,
])

const lost = (why: string): PorpulsionError =>
  new PorpulsionError(
    'Unavailable',
    'ExecLost',
    `${why}, so how the command ended is not known; see with \`porpulsion app get\` whether its pod still runs`,
  )

const notForUs = (channel: number | undefined): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'InvalidRequest',
    `Nothing comes on channel ${channel ?? 'none'} from a client, or it is too long; see docs/protocol.md`,
  )
