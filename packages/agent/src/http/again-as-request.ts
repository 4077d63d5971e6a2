import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Upgrades that are to be taken for ordinary requests, which every server may do (RFC 9110, 7.8). Java's HTTP client and
 * `curl --http2` offer HTTP/2 with each of their first requests and are content with an answer in HTTP/1.1. And what
 * comes with a body would have to be told from the bytes of the new protocol.
 */
export function isMereOffer({ headers }: IncomingMessage): boolean {
  const { upgrade = '' } = headers
  const offers = upgrade.split(',').map((offer) => offer.trim().toLowerCase())
  const hasBody =
    headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  return hasBody || offers.every((offer) => offer === 'h2c')
}

/** Gives a connection back to the server, which reads the request once more, without its offer. */
export function readAgainAsRequest(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), 'latin1'), head]))
  server.emit('connection', socket)
}

function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method ?? 'GET'} ${url ?? '/'} HTTP/${httpVersion}\r\n`
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    if (/^(upgrade|http2-settings)$/i.test(name)) continue
    head += `${name}: ${/^connection$/i.test(name) ? withoutOffer(value) : value}\r\n`
  }
  return `${head}\r\n`
}

const withoutOffer = (connection: string): string =>
  connection
    .split(',')
    .filter((token) => !/^\s*(upgrade|http2-settings)\s*$/i.test(token))
    .join(',')
