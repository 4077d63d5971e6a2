import { Duplex } from 'node:stream'
import type WebSocket from 'ws'
import type { ApiTransport } from './api-transport.ts'
import { brokenOff, dialApi, maxMessageBytes, upgraded } from './api-web-socket.ts'
import { onAbort } from './abort.ts'
import { Deadline } from './deadline.ts'
import type { Clock } from './clock.ts'
import { KubeError } from './kube-error.ts'

export interface PortForwardOptions {
  readonly signal?: AbortSignal | undefined
  /** Until the connection to the pod stands. */
  readonly timeoutMs?: number | undefined
}

/** The oldest WebSocket framing of port-forward, served by every API server of the last years. */
const subprotocol = 'v4.channel.k8s.io'
/** The first byte of each message. */
const Channel = { Data: 0, Error: 1 } as const
/** Each channel opens with a message that repeats the port: channel byte and two bytes, little endian. */
const portMessageBytes = 3
const defaultOpenTimeoutMs = 30_000

/**
 * A connection to one port of a pod, through the API server. The framing has no half-close: ending our side tells the
 * pod nothing until the pod ends its own, or the stream is destroyed.
 */
export async function openPortForward(
  transport: ApiTransport,
  clock: Clock,
  path: string,
  port: number,
  { signal, timeoutMs = defaultOpenTimeoutMs }: PortForwardOptions,
): Promise<Duplex> {
  const deadline = new Deadline({
    clock,
    signal,
    timeoutMs,
    timeoutError: () =>
      new KubeError({
        status: 0,
        reason: 'NoAnswer',
        message: `Port-forward ${path} port ${port} did not open within ${timeoutMs / 1_000} s`,
      }),
  })
  try {
    const request = { path, query: { ports: port }, subprotocols: [subprotocol] }
    const socket = await dialApi(transport, request, deadline.signal)
    // Made before the upgrade is through: the first messages may come in one packet with its answer.
    const stream = new PortForwardStream(socket, port)
    const opened = stream.opened(deadline.signal)
    await Promise.all([
      upgraded(socket, `Port-forward ${path}`, transport, deadline.signal),
      opened,
    ])
    return stream
  } catch (error) {
    throw deadline.reasonFor(error)
  } finally {
    deadline.dispose()
  }
}

class PortForwardStream extends Duplex {
  readonly #socket: WebSocket
  readonly #port: number
  /** Channels whose first message, the port, has come. */
  readonly #announced = new Set<number>()
  #whenOpened: (() => void) | undefined

  constructor(socket: WebSocket, port: number) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    this.#port = port
    // A fault before anybody listens is found by reading; it must not end the process.
    this.on('error', () => undefined)
    socket.binaryType = 'nodebuffer'
    socket.on('message', (message: Buffer) => this.#onMessage(message))
    socket.once('close', (code) => this.#onClose(code))
  }

  /** Both channels were announced: the API server and the kubelet are ready for data. */
  opened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = onAbort(signal, () => this.destroy(new Error('Aborted before it opened')))
      this.#whenOpened = () => {
        settled()
        this.off('error', reject)
        resolve()
      }
      this.once('error', reject)
      this.once('close', settled)
      if (this.#announced.size === 2) this.#whenOpened()
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#send(chunk, 0, done)
  }

  /** Nothing to send: the framing cannot say that we are done. */
  override _final(done: () => void): void {
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate()
    // A fault may come in one packet with the opening, before whoever asked for the stream could listen to it.
    setImmediate(() => done(error))
  }

  /** The callback comes when the bytes left for the kernel: that is the backpressure. */
  #send(chunk: Buffer, offset: number, done: (error?: Error | null) => void): void {
    if (offset >= chunk.length) {
      done()
      return
    }
    const piece = chunk.subarray(offset, offset + maxMessageBytes)
    const message = Buffer.allocUnsafe(1 + piece.length)
    message[0] = Channel.Data
    piece.copy(message, 1)
    this.#socket.send(message, (error) => {
      if (error) done(error)
      else this.#send(chunk, offset + piece.length, done)
    })
  }

  #onMessage(message: Buffer): void {
    const channel = message[0]
    if (channel === undefined) return
    if (!this.#announced.has(channel)) this.#onAnnouncement(channel, message)
    else if (channel === Channel.Data) this.#onData(message.subarray(1))
    else if (channel === Channel.Error) this.#onError(message.subarray(1).toString('utf8'))
  }

  #onAnnouncement(channel: number, message: Buffer): void {
    if (message.length !== portMessageBytes || message.readUInt16LE(1) !== this.#port) {
      this.destroy(this.#fault('BadAnswer', 'the API server announced another port'))
      return
    }
    this.#announced.add(channel)
    if (this.#announced.size === 2) this.#whenOpened?.()
  }

  #onData(bytes: Buffer): void {
    if (bytes.length > 0 && !this.push(bytes)) this.#socket.pause()
  }

  #onError(text: string): void {
    if (text !== '') this.destroy(this.#fault('PortForwardFailed', text))
  }

  #onClose(code: number): void {
    if (this.#announced.size < 2)
      this.destroy(this.#fault('Unreachable', 'the connection broke off before it stood'))
    // An answer cut in half must not look like a whole one.
    else if (code === brokenOff)
      this.destroy(this.#fault('Unreachable', 'the connection to the API server broke off'))
    else {
      this.push(null)
      // Nobody is left to take what we write.
      this.end()
    }
  }

  #fault(reason: string, text: string): KubeError {
    return new KubeError({
      status: 0,
      reason,
      message: `Port-forward to port ${this.#port} failed: ${text}`,
    })
  }
}
