import type { IncomingMessage } from 'node:http'
import { carriesOurToken, removeCookies } from '../access/index.ts'
import { takeTicket, TICKET_PARAMETER } from './proxy-path.ts'
import { hopByHopRule, mapHeaders } from './raw-headers.ts'

/** How the request came to us, for the app to know. */
export interface Arrival {
  readonly clientAddress: string
  readonly protocol: 'http' | 'https'
  /** In path mode: the path the app's own are below. */
  readonly prefix?: string
}

/** Said anew by us, because anybody can send them. */
const replaced = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-real-ip',
])

const bodyMethods = new Set(['POST', 'PUT', 'PATCH'])

/** The headers an app gets: those that came, without what is ours or about this connection, and how it came. */
export function appRequestHeaders(
  request: IncomingMessage,
  arrival: Arrival,
  isOurCookie: (name: string) => boolean,
): string[] {
  const { headers, rawHeaders, method = 'GET' } = request
  const endsHere = hopByHopRule(headers.connection)
  const passed = mapHeaders(rawHeaders, (name, value) => {
    if (endsHere(name) || replaced.has(name) || name === `x-${TICKET_PARAMETER}`) return undefined
    switch (name) {
      case 'cookie':
        return removeCookies(value, isOurCookie)
      case 'authorization':
        return carriesOurToken(value) ? undefined : value
      case 'referer':
        return takeTicket(value).url
      // The rest of it would be about this connection.
      case 'te':
        return /\btrailers\b/i.test(value) ? 'trailers' : undefined
      default:
        return value
    }
  })
  passed.push(
    'X-Forwarded-For',
    arrival.clientAddress,
    'X-Forwarded-Host',
    headers.host ?? '',
    'X-Forwarded-Proto',
    arrival.protocol,
  )
  if (arrival.prefix !== undefined) passed.push('X-Forwarded-Prefix', arrival.prefix)
  passed.push(...framing(request, method))
  return passed
}

/** A body of unknown length stays one; no body where one could be is said, or it would be framed as an empty one. */
function framing({ headers }: IncomingMessage, method: string): readonly string[] {
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  const isSilent = headers['content-length'] === undefined && bodyMethods.has(method)
  return isSilent ? ['Content-Length', '0'] : []
}
