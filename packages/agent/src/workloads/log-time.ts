/** Times of log lines, to the nanosecond: a Date would make a hundred lines simultaneous. */

const syntax = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/i

/** Nanoseconds since the epoch; undefined when the text is no RFC 3339 time. */
export function nanosOf(time: string): bigint | undefined {
  const match = syntax.exec(time)
  if (match === null) return undefined
  const [, whole = '', fraction = '', zone = ''] = match
  const ms = Date.parse(whole + zone.toUpperCase())
  if (Number.isNaN(ms)) return undefined
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** RFC 3339 with nine digits, in UTC. */
export function timeOf(nanos: bigint): string {
  const second = nanos / 1_000_000_000n
  const whole = new Date(Number(second) * 1_000).toISOString().slice(0, 19)
  return `${whole}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
}

/** The same in whole seconds, rounded down: what the API server's `sinceTime` can express. */
export function wholeSecondsOf(nanos: bigint): string {
  return `${timeOf(nanos).slice(0, 19)}Z`
}
