/** Accepts an upgrade to WebSocket. */
import { type WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '../../registry/api-error.ts'
import type { ApiRequest, UpgradedConnection } from '../api-request.ts'

/** Clients send at most a few ten KiB at once. */
const maxMessageBytes = 1024 * 1024

export function isWebSocket({ headers }: ApiRequest): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** The first of ours that the client offers. Throws if it offers none: it would not understand us. */
export function chooseProtocol<const T extends string>(
  { headers }: ApiRequest,
  ours: readonly T[],
): T {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const chosen = ours.find((name) => offered.includes(name))
  if (chosen !== undefined) return chosen
  throw badRequest(
    `none of the WebSocket subprotocols [${offered.join(' ')}] is served here; there are: ${ours.join(', ')}`,
  )
}

/** Undefined if the handshake was not one; the client was told then. */
export function acceptWebSocket(
  { request, socket, head }: UpgradedConnection,
  protocol: string,
): WebSocket | undefined {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: () => protocol,
  })
  let accepted: WebSocket | undefined
  server.handleUpgrade(request, socket, head, (websocket) => (accepted = websocket))
  return accepted
}
