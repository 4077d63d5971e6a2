/** Headers as they came: names and values by turns, repeated ones repeated, in their order and spelling. */
export type RawHeaders = readonly string[]

/** Calls for each header, and collects what comes back: a value, several, or none to leave it out. */
export function mapHeaders(
  headers: RawHeaders,
  map: (lowerName: string, value: string) => string | undefined,
): string[] {
  const mapped: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = [headers[i], headers[i + 1]]
    const next = map(name.toLowerCase(), value)
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

/** Whether a header ends here. `connection` is the value of the Connection header. */
export function hopByHopRule(connection: string | undefined): (lowerName: string) => boolean {
  if (connection === undefined || !/[^,\s]/.test(connection)) return (name) => hopByHop.has(name)
  const named = new Set(connection.toLowerCase().split(/[\s,]+/))
  // RFC 9110 forbids to name these; whoever does would make us drop what the message cannot do without.
  for (const name of ['host', 'content-length', 'authorization', 'cookie']) named.delete(name)
  return (name) => hopByHop.has(name) || named.has(name)
}
