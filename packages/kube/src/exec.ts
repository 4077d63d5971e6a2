import { Duplex } from 'node:stream'
import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import type WebSocket from 'ws'
import type { ApiTransport } from './api-transport.ts'
import { abortReason, onAbort } from './abort.ts'
import { dialApi, maxMessageBytes, upgraded } from './api-web-socket.ts'
import type { Clock } from './clock.ts'
import { Deadline } from './deadline.ts'
import { KubeError } from './kube-error.ts'

export interface ExecOptions {
  /** Its words; no shell reads them. */
  readonly command: readonly string[]
  /** The first of the pod if left out. */
  readonly container?: string | undefined
  readonly stdin?: boolean | undefined
  /** In a terminal: stdout and stderr become one. */
  readonly tty?: boolean | undefined
  /** Ends the command's connection, whenever it fires. */
  readonly signal?: AbortSignal | undefined
  /** Until the command may be running. */
  readonly timeoutMs?: number | undefined
}

/** What a command is given. */
export type ExecInput =
  | { readonly kind: 'stdin'; readonly bytes: Uint8Array }
  /** It reads end of file. */
  | { readonly kind: 'stdinEnd' }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number }

/** What comes of it. One of the last two comes once, as the last. */
export type ExecOutput =
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** It was not started, or nobody knows how it ended. */
  | { readonly kind: 'failed'; readonly error: KubeError }

/** Only the first can say that stdin ended; the second is for servers before Kubernetes 1.30. */
const subprotocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const
/** The first byte of each message. */
const Channel = { Stdin: 0, Stdout: 1, Stderr: 2, Status: 3, Resize: 4, Close: 255 } as const
const defaultOpenTimeoutMs = 30_000
/** Terminals are silent for hours; what stands in between counts idle time. */
const keepAliveMs = 20_000
/** Read ahead, in messages. Each is a few KiB as servers send them. */
const maxMessagesAhead = 8

/**
 * A command in a container: a Duplex of objects, `ExecInput` to write and `ExecOutput` to read. Reading slowly slows
 * the command down; destroying it takes its connection away, which ends commands that use it.
 */
export async function openExec(
  transport: ApiTransport,
  clock: Clock,
  path: string,
  { command, container, stdin = false, tty = false, signal, timeoutMs }: ExecOptions,
): Promise<Duplex> {
  const openTimeoutMs = timeoutMs ?? defaultOpenTimeoutMs
  const deadline = new Deadline({
    clock,
    signal,
    timeoutMs: openTimeoutMs,
    timeoutError: () => fault('NoAnswer', `it did not start within ${openTimeoutMs / 1_000} s`),
  })
  try {
    // A container runtime refuses a terminal with an stderr of its own.
    const query = { command, container, stdin, stdout: true, stderr: !tty, tty }
    const socket = await dialApi(transport, { path, query, subprotocols }, deadline.signal)
    // Made before the upgrade is through: the first messages may come in one packet with its answer.
    const stream = new ExecStream(socket, clock)
    await upgraded(socket, `Exec ${path}`, transport, deadline.signal)
    if (signal !== undefined) {
      const forget = onAbort(signal, () => stream.destroy(abortReason(signal)))
      stream.once('close', forget)
    }
    return stream
  } catch (error) {
    throw deadline.reasonFor(error)
  } finally {
    deadline.dispose()
  }
}

class ExecStream extends Duplex {
  readonly #socket: WebSocket
  #hasStatus = false
  #cancelPing: () => void

  constructor(socket: WebSocket, clock: Clock) {
    super({
      objectMode: true,
      allowHalfOpen: true,
      readableHighWaterMark: maxMessagesAhead,
      writableHighWaterMark: 1,
    })
    this.#socket = socket
    // An abort before anybody listens is found by reading; it must not end the process.
    this.on('error', () => undefined)
    socket.binaryType = 'nodebuffer'
    socket.on('message', (message: Buffer) => this.#onMessage(message))
    socket.once('close', () => this.#onClose())
    const ping = (): void => {
      if (socket.readyState === socket.OPEN) socket.ping()
      this.#cancelPing = clock.setTimeout(ping, keepAliveMs)
    }
    this.#cancelPing = clock.setTimeout(ping, keepAliveMs)
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(input: ExecInput, _encoding: BufferEncoding, done: WriteCallback): void {
    switch (input.kind) {
      case 'stdin':
        this.#send(Channel.Stdin, input.bytes, 0, done)
        return
      case 'stdinEnd':
        this.#endStdin(done)
        return
      case 'resize': {
        const size = JSON.stringify({ Width: input.width, Height: input.height })
        this.#send(Channel.Resize, Buffer.from(size), 0, done)
        return
      }
      default:
        input satisfies never
    }
  }

  /** Who has nothing more to write has not said that stdin ends: that is an input of its own. */
  override _final(done: () => void): void {
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#cancelPing()
    this.#socket.terminate()
    done(error)
  }

  #endStdin(done: WriteCallback): void {
    if (this.#socket.protocol === subprotocols[0]) {
      this.#send(Channel.Close, Uint8Array.of(Channel.Stdin), 0, done)
      return
    }
    // Silence would leave a command that reads to the end waiting for ever.
    this.#end({
      kind: 'failed',
      error: fault('StdinEndUnsupported', 'this API server cannot tell it that its input ended'),
    })
    done()
  }

  /** The callback comes when the bytes left for the kernel: that is the backpressure. */
  #send(channel: number, bytes: Uint8Array, offset: number, done: WriteCallback): void {
    // A command that has ended reads no more; how it ended is what counts, and that comes by reading.
    if (this.#hasStatus || this.#socket.readyState !== this.#socket.OPEN) {
      done()
      return
    }
    const piece = bytes.subarray(offset, offset + maxMessageBytes)
    const message = Buffer.allocUnsafe(1 + piece.length)
    message[0] = channel
    message.set(piece, 1)
    const next = offset + piece.length
    this.#socket.send(message, () => {
      if (next >= bytes.length) done()
      else this.#send(channel, bytes, next, done)
    })
  }

  #onMessage(message: Buffer): void {
    const bytes = message.subarray(1)
    switch (message[0]) {
      case Channel.Stdout:
        this.#push({ kind: 'stdout', bytes })
        break
      case Channel.Stderr:
        this.#push({ kind: 'stderr', bytes })
        break
      case Channel.Status:
        this.#end(outcomeOf(bytes.toString('utf8')))
        break
      default:
        // Ends of stdout and stderr tell nothing that the status does not.
        break
    }
  }

  #push(output: ExecOutput): void {
    if (this.#hasStatus) return
    // Servers open each channel with an empty message.
    const isEmpty = 'bytes' in output && output.bytes.length === 0
    if (!isEmpty && !this.push(output)) this.#socket.pause()
  }

  #end(outcome: ExecOutput): void {
    if (this.#hasStatus) return
    this.#push(outcome)
    this.#hasStatus = true
    this.push(null)
    this.#cancelPing()
    this.#socket.resume()
    this.#socket.close()
  }

  #onClose(): void {
    const error = fault('Unreachable', 'the connection broke off before it said how it ended')
    this.#end({ kind: 'failed', error })
  }
}

type WriteCallback = (error?: Error | null) => void

/** `{status: "Success"}`, or a Status that says why not; an exit code other than 0 is one of its causes. */
function outcomeOf(text: string): ExecOutput {
  const status = parsedStatus(text)
  if (status?.status === 'Success') return { kind: 'exited', exitCode: 0 }
  const cause = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  if (status?.reason === 'NonZeroExitCode' && /^\d{1,10}$/.test(cause?.message ?? ''))
    return { kind: 'exited', exitCode: Number(cause?.message) }
  const message = status?.message ?? 'the API server sent a status that says nothing'
  return {
    kind: 'failed',
    error: new KubeError({
      status: status?.code ?? 0,
      reason: status?.reason ?? 'BadAnswer',
      message: `Exec failed: ${message}`,
    }),
  }
}

function parsedStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // Every field of a Status is optional, and is looked at before it is used.
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const fault = (reason: string, text: string): KubeError =>
  new KubeError({ status: 0, reason, message: `Exec failed: ${text}` })
