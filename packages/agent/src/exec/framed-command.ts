import { Duplex } from 'node:stream'
import {
  encodeExecFailure,
  encodeExit,
  ExecChannel,
  readResize,
  type ExecMessage,
} from '@porpulsion/contract'
import { encodeExecFrame, encodeExecFrames, ExecFrameDecoder } from './exec-frames.ts'
import type { ExecInput, ExecOutput, RunningCommand } from './exec-ports.ts'

/**
 * Host: a running command as the bytes of its frames. What the peer does not read, the command cannot write; what the
 * command does not read, the peer cannot send. Everything that arrives was chosen by the peer.
 */
export class FramedCommand extends Duplex {
  readonly #command: RunningCommand
  readonly #takesStdin: boolean
  readonly #decoder = new ExecFrameDecoder()
  #stdinEnded = false

  constructor(command: RunningCommand, { stdin }: { readonly stdin: boolean }) {
    super({ allowHalfOpen: true })
    this.#command = command
    this.#takesStdin = stdin
    const { stream } = command
    stream.on('data', (output: ExecOutput) => this.#onOutput(output))
    stream.once('end', () => this.push(null))
    stream.once('error', (error) => this.destroy(error))
  }

  override _read(): void {
    this.#command.stream.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteCallback): void {
    let messages: readonly ExecMessage[]
    try {
      messages = this.#decoder.push(chunk)
    } catch (error) {
      done(error as Error) // the decoder throws nothing else
      return
    }
    this.#feed(
      messages.flatMap((message) => this.#inputOf(message) ?? []),
      done,
    )
  }

  /** Who says nothing more gives no more input. */
  override _final(done: WriteCallback): void {
    this.#feed([this.#endOfStdin() ?? []].flat(), done)
  }

  override _destroy(error: Error | null, done: WriteCallback): void {
    this.#command.stream.destroy()
    done(error)
  }

  #onOutput(output: ExecOutput): void {
    let hasRoom = true
    for (const frame of this.#framesOf(output)) hasRoom = this.push(frame)
    if (!hasRoom) this.#command.stream.pause()
  }

  #framesOf(output: ExecOutput): Iterable<Buffer> {
    switch (output.kind) {
      case 'stdout':
        return encodeExecFrames(ExecChannel.Stdout, output.bytes)
      case 'stderr':
        return encodeExecFrames(ExecChannel.Stderr, output.bytes)
      case 'exited':
        return [framed(encodeExit(output.exitCode))]
      case 'failed':
        return [framed(encodeExecFailure(this.#command.explain(output.error)))]
      default:
        return output satisfies never
    }
  }

  /** Undefined: nothing the command is told of. */
  #inputOf({ channel, bytes }: ExecMessage): ExecInput | undefined {
    switch (channel) {
      case ExecChannel.Stdin:
        return this.#takesStdin && !this.#stdinEnded && bytes.length > 0
          ? { kind: 'stdin', bytes }
          : undefined
      case ExecChannel.Close:
        return bytes[0] === ExecChannel.Stdin ? this.#endOfStdin() : undefined
      case ExecChannel.Resize: {
        const size = readResize(bytes)
        return size && { kind: 'resize', ...size }
      }
      default:
        return undefined
    }
  }

  #endOfStdin(): ExecInput | undefined {
    if (!this.#takesStdin || this.#stdinEnded) return undefined
    this.#stdinEnded = true
    return { kind: 'stdinEnd' }
  }

  /** One after the other, each when the command took the one before. */
  #feed([first, ...rest]: readonly ExecInput[], done: WriteCallback): void {
    if (first === undefined || this.#command.stream.writableEnded) {
      done()
      return
    }
    this.#command.stream.write(first, (error) => {
      // A command that has ended takes no more; its status says the rest.
      if (error) done()
      else this.#feed(rest, done)
    })
  }
}

type WriteCallback = (error?: Error | null) => void

const framed = (message: Uint8Array): Buffer =>
  encodeExecFrame(ExecChannel.Status, message.subarray(1))
