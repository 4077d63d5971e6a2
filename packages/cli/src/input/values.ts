/** Values of flags, as people write them. Each refusal names the flag and shows one that works. */
import { PorpulsionError } from '@porpulsion/contract'

export function usageError(message: string): PorpulsionError {
  return new PorpulsionError('Invalid', 'UsageError', message)
}

export function integer(
  flag: string,
  text: string,
  { min, max }: { min: number; max: number },
): number {
  const value = Number(text)
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value
  throw usageError(`${flag} takes a whole number from ${min} to ${max}, not "${text}"`)
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, '': 1 }

/** `90`, `90s`, `15m`, `1h30m`, `7d` in seconds. */
export function durationSeconds(flag: string, text: string): number {
  if (!/^(\d+[smhd]?)+$/.test(text)) {
    throw usageError(`${flag} takes a duration such as 90s, 15m, 1h30m or 7d, not "${text}"`)
  }
  return [...text.matchAll(/(\d+)([smhd]?)/g)].reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count) * (unitSeconds[unit] ?? 1),
    0,
  )
}

/** `K=V`; the value may hold `=` and may be empty. */
export function keyValue(flag: string, text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw usageError(`${flag} takes NAME=VALUE, not "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}
