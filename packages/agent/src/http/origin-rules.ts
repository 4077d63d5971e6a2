import type { IncomingHttpHeaders } from 'node:http'
import { isOriginOf } from '../access/index.ts'

/** Methods that change nothing, so that it does not matter which page caused them. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
export const isSafeMethod = (method: string): boolean => safeMethods.has(method)

/**
 * Whether a request was caused by a page of another origin. Browsers say so themselves (`Sec-Fetch-Site`, `Origin`);
 * what says neither is not a browser, and sends no cookie by itself.
 */
export function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const { origin, host = '' } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && !isOriginOf(origin, host)
}
