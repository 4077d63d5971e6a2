/** `12s`, `5m`, `3h`, `2d`: how long ago, in the largest whole unit, with the next below it while that tells more. */
export function age(time: string | undefined, nowMs: number): string {
  if (time === undefined) return ''
  const sinceMs = Date.parse(time)
  return Number.isNaN(sinceMs) ? '' : duration(nowMs - sinceMs)
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 10) return withRest(hours, 'h', minutes % 60, 'm')
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

const withRest = (whole: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`
