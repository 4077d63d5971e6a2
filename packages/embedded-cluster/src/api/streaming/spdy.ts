/** Accepts an upgrade to SPDY/3.1, with the protocol that is spoken over its streams. */
import { badRequest } from '../../registry/api-error.ts'
import type { ApiRequest, UpgradedConnection } from '../api-request.ts'
import { SpdySession, type SpdyStream } from './spdy-session.ts'

export function isSpdy({ headers }: ApiRequest): boolean {
  return headers.upgrade?.toLowerCase() === 'spdy/3.1'
}

const protocolHeader = 'x-stream-protocol-version'

/** Throws if the client does not offer what is ours: it would not understand us. */
export function demandStreamProtocol({ headers }: ApiRequest, ours: string): void {
  const offered = [headers[protocolHeader] ?? []].flat().flatMap((list) => list.split(','))
  if (offered.some((name) => name.trim() === ours)) return
  throw badRequest(
    `none of the stream protocols [${offered.join(' ')}] is served here; there is: ${ours}`,
  )
}

export function acceptSpdy(
  { socket, head }: UpgradedConnection,
  protocol: string,
  onStream: (stream: SpdyStream) => void,
): SpdySession {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${protocolHeader}: ${protocol}\r\n\r\n`,
  )
  if (head.length > 0) socket.unshift(head)
  return new SpdySession(socket, onStream)
}
