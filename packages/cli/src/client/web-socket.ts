/** A WebSocket of the agent, refused in the agent's words or standing. */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import WebSocket from 'ws'

export interface WebSocketRequest {
  readonly url: URL
  readonly subprotocol: string
  readonly headers: Readonly<Record<string, string>>
  /** Until it stands. */
  readonly signal: AbortSignal
  /** What a refused upgrade says, as an error. */
  readonly refusalOf: (response: IncomingMessage) => Promise<Error>
}

/** `use` gets it the moment it stands: the first messages may have come in one packet with the answer. */
export function openWebSocket<T>(
  { signal, headers, subprotocol, refusalOf, url: asked }: WebSocketRequest,
  use: (socket: WebSocket, isPrivate: boolean) => T,
): Promise<T> {
  const url = new URL(asked)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocol, {
      headers,
      perMessageDeflate: false,
      ...(isThisMachine(url.hostname) && { generateMask: unmasked }),
    })
    socket.binaryType = 'nodebuffer'
    const abort = (): void => socket.terminate()
    const settled = (): void => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    socket.once('open', () => {
      settled()
      showLife(socket)
      resolve(use(socket, url.protocol === 'wss:' || isThisMachine(url.hostname)))
    })
    // Stays: without it a late error would end the process.
    socket.on('error', (error) => {
      settled()
      reject(error)
    })
    socket.once('unexpected-response', (sent, response) => {
      settled()
      void refusalOf(response)
        .then(reject, reject)
        .finally(() => sent.destroy())
    })
  })
}

/**
 * Random masks keep proxies of others from taking the payload for a request of their own (RFC 6455, section 10.3). To
 * this very machine there is none, and zeros save a pass over every byte on both sides.
 */
const unmasked = (mask: Buffer): void => void mask.fill(0)

function isThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Less than between two pings of the agent. */
const showLifeMs = 10_000

/** While whoever reads our output takes a break we read no ping: the agent must not take us for gone. */
function showLife(socket: WebSocket): void {
  const timer = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.pong()
  }, showLifeMs)
  timer.unref()
  socket.once('close', () => clearInterval(timer))
}
