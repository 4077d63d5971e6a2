/** WebSockets to the API server: what port-forward and exec travel on. */
import type { Socket } from 'node:net'
import WebSocket from 'ws'
import { onAbort } from './abort.ts'
import { tlsOptions, type ApiTransport, type ApiRequest } from './api-transport.ts'
import { errorFromAnswer, KubeError } from './kube-error.ts'
import { secured, tunnel } from './proxy-connect.ts'

/** What one write hands to the WebSocket at most; API servers read messages into buffers. */
export const maxMessageBytes = 64 * 1024
/** RFC 6455: the connection ended without a closing frame. */
export const brokenOff = 1006
const maxIncomingMessageBytes = 16 * 1024 * 1024
const maxErrorBodyBytes = 64 * 1024
const proxyTimeoutMs = 30_000

export interface ApiWebSocketRequest extends Pick<ApiRequest, 'path' | 'query'> {
  /** The one liked best first. */
  readonly subprotocols: readonly string[]
}

/** On its way; `upgraded` tells when it stands. Made before, so that no message is missed. */
export async function dialApi(
  transport: ApiTransport,
  { path, query = {}, subprotocols }: ApiWebSocketRequest,
  signal: AbortSignal,
): Promise<WebSocket> {
  const { connection } = transport
  const credential = await transport.credential(signal)
  signal.throwIfAborted()
  const url = transport.url({ path, query })
  const tls = tlsOptions(connection, credential.clientCertificate)
  const throughProxy =
    connection.proxyUrl === undefined
      ? undefined
      : await proxied(new URL(connection.proxyUrl), url, tls)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url, [...subprotocols], {
    ...tls,
    ...(throughProxy && { createConnection: () => throughProxy }),
    perMessageDeflate: false,
    maxPayload: maxIncomingMessageBytes,
    headers: {
      ...(credential.authorization !== undefined && { authorization: credential.authorization }),
    },
  })
}

async function proxied(proxy: URL, url: URL, tls: ReturnType<typeof tlsOptions>): Promise<Socket> {
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port) || (isSecure ? 443 : 80)
  const socket = await tunnel(proxy, { host: url.hostname, port }, proxyTimeoutMs)
  return isSecure ? await secured(socket, url.hostname, tls) : socket
}

/** A refused upgrade is an ordinary answer with a Status in it. `what` begins the message: `Port-forward /api/…`. */
export function upgraded(
  socket: WebSocket,
  what: string,
  transport: ApiTransport,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = onAbort(signal, () => socket.terminate())
    socket.once('open', () => {
      settled()
      resolve()
    })
    // Stays for the life of the socket: without it a late error would end the process.
    socket.on('error', (cause) => {
      settled()
      reject(
        new KubeError({
          status: 0,
          reason: 'Unreachable',
          message: `${what} failed: ${cause.message}`,
          cause,
        }),
      )
    })
    socket.once('unexpected-response', (request, answer) => {
      if (answer.statusCode === 401) transport.connection.credentials.expire()
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        if (body.length < maxErrorBodyBytes) body += text
      })
      answer.once('close', () => {
        settled()
        request.destroy()
        reject(errorFromAnswer(answer.statusCode ?? 0, body, { request: what }))
      })
    })
  })
}
