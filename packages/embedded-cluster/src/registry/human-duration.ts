/** Ages as kubectl prints them: two units while they matter, one when they do not. */

const minute = 60
const hour = 60 * minute
const day = 24 * hour

export function humanDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return pair(seconds, minute, 'm', 1, 's')
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return pair(seconds, hour, 'h', minute, 'm')
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  if (seconds < 8 * day) return pair(seconds, day, 'd', hour, 'h')
  if (seconds < 2 * 365 * day) return `${Math.floor(seconds / day)}d`
  if (seconds < 8 * 365 * day) return pair(seconds, 365 * day, 'y', day, 'd')
  return `${Math.floor(seconds / (365 * day))}y`
}

function pair(seconds: number, unit: number, name: string, next: number, nextName: string): string {
  const rest = Math.floor((seconds % unit) / next)
  const whole = `${Math.floor(seconds / unit)}${name}`
  return rest === 0 ? whole : `${whole}${rest}${nextName}`
}

/** Time since a timestamp; `<unknown>` if there is none. */
export function ageOf(timestamp: unknown, nowMs: number): string {
  const since = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN
  return Number.isNaN(since) ? '<unknown>' : humanDuration(nowMs - since)
}
