/** Numbers as people read them: short, with their unit, and never with more digits than they are worth. */

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `0 B`, `823 B`, `1.4 kB`, `12 MB`: decimal units, as networks count. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  // 999.5 and more would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit === 0 ? Math.round(value) : significant(value)} ${units[unit] ?? ''}`
}

export const bytesPerSecond = (count: number): string => `${bytes(count)}/s`

/** `0.4 ms`, `12 ms`, `1.3 s`. */
export function milliseconds(ms: number): string {
  return ms >= 1_000 ? `${significant(ms / 1_000)} s` : `${significant(ms)} ms`
}

/** Of a share between 0 and 1; what is not quite all is not called 100 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100)
  if (rounded === 100 && share < 1) return '99 %'
  if (rounded === 0 && share > 0) return '< 1 %'
  return `${rounded} %`
}

/** One digit behind the point below ten, none above. */
function significant(value: number): string {
  return value < 9.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value))
}

const steps = [
  ['year', 31_536_000],
  ['day', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** `3 min`, `2 h 10 min`, `12 days`: at most two units. */
export function duration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1_000))
  const parts: string[] = []
  for (const [unit, size] of steps) {
    const count = Math.floor(rest / size)
    // Nobody asks for the seconds of a day: of two neighbours at most.
    if (count === 0 && parts.length > 0) break
    if (count === 0) continue
    rest -= count * size
    parts.push(`${count} ${unit}${(unit === 'day' || unit === 'year') && count !== 1 ? 's' : ''}`)
    if (parts.length === 2) break
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}
