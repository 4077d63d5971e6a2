import type { IncomingMessage } from 'node:http'
import { carriesOurToken, removeCookies } from '../access/index.ts'
import { takeTicket, TICKET_PARAMETER } from './proxy-path.ts'
import { hopByHopRule, mapHeaders, upgradingOnly } from './raw-headers.ts'

/** How the request came to us, for the app to know. */
export interface Arrival {
  readonly clientAddress: string
  readonly protocol: 'http' | 'https'
  /** In path mode: the path the app's own are below. */
  readonly prefix?: string
  /** It wants to become another protocol. */
  readonly isUpgrade: boolean
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

/** Without a word about it, these have no body. Of others Node would say that theirs comes in chunks. */
const bodyless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

/** The headers an app gets: those that came, without what is ours or about this connection, and how it came. */
export function appRequestHeaders(
  request: IncomingMessage,
  arrival: Arrival,
  isOurCookie: (name: string) => boolean,
): string[] {
  const { headers, rawHeaders } = request
  const endsHere = hopByHopRule(headers.connection)
  const passed = mapHeaders(rawHeaders, (name, value) => {
    if (arrival.isUpgrade && name === 'upgrade') return value
    if (arrival.isUpgrade && name === 'connection') return upgradingOnly(value)
    if (endsHere(name) || replaced.has(name) || name === `x-${TICKET_PARAMETER}`) return undefined
    switch (name) {
      case 'cookie':
        return removeCookies(value, isOurCookie)
      case 'authorization':
        return carriesOurToken(value) ? undefined : value
      case 'referer':
        return takeTicket(value).url
      // Only chunks have room for them; Node refuses to send the announcement with anything else.
      case 'trailer':
        return headers['transfer-encoding'] === undefined ? undefined : value
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
  passed.push(...framing(request, arrival))
  return passed
}

/**
 * A body of unknown length stays one; no body where one could be is said, or it would be framed as an empty one.
 */
function framing(request: IncomingMessage, { isUpgrade }: Arrival): readonly string[] {
  const { headers, method = 'GET' } = request
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  const isSaid = headers['content-length'] !== undefined || bodyless.has(method) || isUpgrade
  return isSaid ? [] : ['Content-Length', '0']
}
