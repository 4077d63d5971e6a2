/** A peer of good identity and bad intent: it holds the keys, does the inner TLS, and then sends what it likes. */
import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { decodeGoAway, decodeReset } from '../../../protocol/src/farewell.ts'
import { FrameDecoder } from '../../../protocol/src/frame-codec.ts'
import { FrameType } from '../../../protocol/src/frame.ts'
import { encodeHello } from '../../../protocol/src/hello.ts'
import { defaultLimits } from '../../../protocol/src/limits.ts'
import { frameBytes } from '../../../protocol/test/support/raw-peer.ts'
import { secureAsDialler } from '../../src/links/inner-tls.ts'
import { WebSocketDuplex } from '@porpulsion/streams'
import type { Identity } from '../../src/peers/index.ts'
import type { Introduction } from './links-process.ts'

export interface HostileOptions {
  /** Of several on loopback, to come from more than one. */
  readonly localAddress?: string
}

/** The upgrade alone; a number is the status that refused it. */
export async function upgradeAs(
  { caCertificateDer }: Pick<Identity, 'caCertificateDer'>,
  victim: Pick<Introduction, 'port'>,
  { localAddress = '127.0.0.1' }: HostileOptions = {},
): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${victim.port}/ws`, 'porpulsion.v1', {
    headers: { 'x-agent-ca': caCertificateDer.toString('base64') },
    perMessageDeflate: false,
    localAddress,
  })
  socket.on('error', () => undefined)
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (request, { statusCode }) => {
      request.destroy()
      resolve(statusCode ?? 0)
    })
    socket.once('close', () => resolve(0))
  })
}

export class HostileSession {
  readonly webSocket: WebSocket
  readonly tls: TLSSocket
  /** Codes with which the victim reset streams, and how often. */
  readonly resets = new Map<string, number>()
  /** Bytes of Data the victim sent. */
  receivedBytes = 0
  #goAway: string | undefined
  #isClosed = false
  #answersPings = false
  #answered = (): void => undefined

  private constructor(webSocket: WebSocket, tls: TLSSocket) {
    this.webSocket = webSocket
    this.tls = tls
    const decoder = new FrameDecoder({
      dataBegins: () => true,
      data: (_id, part) => {
        this.receivedBytes += part.length
        return true
      },
      frame: (type, _flags, _id, payload) => {
        if (type === FrameType.Ping && this.#answersPings) {
          tls.write(frameBytes(FrameType.Pong, 0, payload))
          this.#answered()
        }
        if (type === FrameType.GoAway) this.#goAway = decodeGoAway(payload)?.code
        if (type === FrameType.Reset) this.#countReset(decodeReset(payload)?.code ?? '')
        return true
      },
    })
    tls.on('data', (bytes: Buffer) => decoder.push(bytes))
    tls.on('error', () => undefined)
    tls.once('close', () => (this.#isClosed = true))
    webSocket.once('close', () => (this.#isClosed = true))
  }

  static async connect(
    identity: Identity,
    victim: Introduction,
    options: HostileOptions = {},
  ): Promise<HostileSession> {
    const socket = await upgradeAs(identity, victim, options)
    if (typeof socket === 'number') throw new Error(`The upgrade was refused with ${socket}`)
    const leaf = await identity.issueLeaf()
    const tls = await secureAsDialler(new WebSocketDuplex(socket), { leaf, ...victim })
    return new HostileSession(socket, tls)
  }

  /** … and says a proper Hello. */
  static async greet(
    identity: Identity,
    victim: Introduction,
    dialSeq = 1,
    limits: Partial<typeof defaultLimits> = {},
  ): Promise<HostileSession> {
    const session = await HostileSession.connect(identity, victim)
    await session.send(aHello(dialSeq, limits))
    return session
  }

  /** As an honest peer would; resolves when the first was, which is when the victim takes the session for good. */
  async answerPings(): Promise<void> {
    this.#answersPings = true
    await Promise.race([
      new Promise<void>((resolve) => (this.#answered = resolve)),
      settled(this.tls, 'close'),
    ])
  }

  #countReset(code: string): void {
    this.resets.set(code, (this.resets.get(code) ?? 0) + 1)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** With what the victim ended the session. */
  get goAway(): string | undefined {
    return this.#goAway
  }

  /** Waits until the victim took it, or the connection is gone. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return
    if (this.tls.write(bytes)) return
    await Promise.race([settled(this.tls, 'drain'), settled(this.tls, 'close')])
  }

  /** Sends the same again and again, for so long or until it is thrown out. */
  async flood(forMs: number, bytes: () => Uint8Array): Promise<void> {
    for (const endsAt = performance.now() + forMs; performance.now() < endsAt;) {
      if (this.#isClosed) return
      await Promise.race([this.send(bytes()), pause(endsAt - performance.now())])
      // Our own reading must have its turn, or the victim would see a peer that does not read.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  stopReading(): void {
    this.tls.pause()
    this.webSocket.pause()
  }

  async whenClosed(): Promise<void> {
    if (!this.#isClosed) await settled(this.webSocket, 'close')
  }

  destroy(): void {
    this.tls.destroy()
    this.webSocket.terminate()
  }
}

/** Not `once` of node:events: an error is an end here, too. */
const settled = (emitter: NodeJS.EventEmitter, event: string): Promise<void> =>
  new Promise((resolve) => emitter.once(event, () => resolve()))

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

export function aHello(dialSeq: number, limits: Partial<typeof defaultLimits> = {}): Uint8Array {
  const hello = { bootId: 'e'.repeat(32), dialSeq, confirmed: true, agentVersion: '0.0.0' }
  return frameBytes(FrameType.Hello, 0, encodeHello(hello, { ...defaultLimits, ...limits }))
}
