import type { IncomingMessage } from 'node:http'
import { PorpulsionError } from '@porpulsion/contract'
import { isChunked } from './pass-answer.ts'

/**
 * Requests that two readers could understand in two ways (request smuggling, RFC 9112, 11.2), beyond those that Node's
 * parser refuses itself. None of them reaches an app. Asked in order; the first refusal is the answer.
 */
export function ambiguity(request: IncomingMessage): PorpulsionError | undefined {
  const { headers, httpVersion, rawHeaders, url = '' } = request
  if (countHosts(rawHeaders) > 1) return malformed('It has more than one Host header')
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
  if (authority !== undefined && authority.toLowerCase() !== headers.host?.toLowerCase())
    return malformed('Its target names another host than its Host header')
  const coding = headers['transfer-encoding']
  if (coding === undefined) return undefined
  if (httpVersion !== '1.1') return malformed('HTTP/1.0 has no Transfer-Encoding')
  return isChunked(coding)
    ? undefined
    : malformed(`Its Transfer-Encoding is ${JSON.stringify(coding)}, and only "chunked" is known`)
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

const malformed = (what: string): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'MalformedRequest',
    `This request is not passed on to the app: ${what}`,
  )
