/** Headers as they came: names and values by turns, repeated ones repeated, in their order and spelling. */
export type RawHeaders = readonly string[]

/** Calls for each header, and collects what comes back: a value, or none to leave it out. */
export function mapHeaders(
  headers: RawHeaders,
  map: (lowerName: string, value: string) => string | undefined,
): string[] {
  const mapped: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const next = map(name.toLowerCase(), headers[i + 1] ?? '')
    if (next !== undefined) mapped.push(name, next)
  }
  return mapped
}

/** What concerns one connection and not the message (RFC 9110, 7.6.1), besides what `Connection` names. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/**
 * Not to be named there (RFC 9110, 7.6.1): whoever does would make us drop what the message cannot do without. `te` has
 * to be, and is looked at for itself.
 */
const endToEnd = new Set(['host', 'content-length', 'authorization', 'cookie', 'set-cookie', 'te'])

/** Whether a header ends here. `connection` is the value of the Connection header. */
export function hopByHopRule(connection: string | undefined): (lowerName: string) => boolean {
  if (connection === undefined || isUsual.test(connection)) return (name) => hopByHop.has(name)
  const named = new Set(connection.toLowerCase().split(/[\s,]+/))
  for (const name of endToEnd) named.delete(name)
  return (name) => hopByHop.has(name) || named.has(name)
}

const isUsual = /^(keep-alive|close|upgrade)?$/i

/** Where the connection changes, `Connection` and `Upgrade` are the message. Nothing else is named any more. */
export function upgradingOnly(connection: string): string {
  const tokens = connection.split(',')
  const kept = tokens.filter((token) => /^\s*(upgrade|keep-alive)\s*$/i.test(token))
  return kept.length === tokens.length ? connection : kept.join(',').trim()
}

/** What must not come behind the body (RFC 9110, 6.5.1): it says where a message goes, how long it is, or whose it is. */
const beforeTheBody =
  /^(host|te|trailer|content-(length|encoding|type|range)|transfer-encoding|connection|keep-alive|upgrade|forwarded|x-forwarded-.*|x-real-ip|x-porpulsion-.*|(proxy-)?authorization|(set-)?cookie)$/i

/** Trailers as Node takes them. */
export function trailersOf(raw: RawHeaders): [name: string, value: string][] {
  const trailers: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (!beforeTheBody.test(name)) trailers.push([name, raw[i + 1] ?? ''])
  }
  return trailers
}
