/**
 * Kubernetes quantities, exactly: decimal (`m`, `k`, `M`, …), binary (`Ki`, `Mi`, …) and exponent (`1e3`) suffixes,
 * as integers of nano-units, because `1n` is a quantity too. Both parsers on npm get some of these wrong.
 */
import { Type, type TString } from 'typebox'
import { patterns } from './patterns.ts'

const NANO = 1_000_000_000n

const multipliers: Readonly<Record<string, readonly [numerator: bigint, denominator: bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1_000n],
  '': [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n],
}

const syntax =
  /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/

/** A Kubernetes quantity as written: `250m`, `1.5Gi`, `2`. Never negative. */
export const quantity = (description: string): TString =>
  Type.String({ pattern: patterns.quantity, maxLength: 64, description })

export const Quantity = quantity('A Kubernetes quantity: "250m", "0.5", "128Mi", "2Gi".')

/** The same few amounts are read again and again: by every rule, for every app. */
const MAX_REMEMBERED = 1_024
const remembered = new Map<string, bigint | undefined>()

/** Nano-units, rounded up as Kubernetes does; undefined when the text is no quantity. */
export function parseQuantity(text: string): bigint | undefined {
  if (text.length > 64) return undefined
  if (remembered.has(text)) return remembered.get(text)
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const nano = nanoOf(text)
  remembered.set(text, nano)
  return nano
}

function nanoOf(text: string): bigint | undefined {
  const match = syntax.exec(text)
  if (match === null) return undefined
  const [, sign, number = '', exponent, suffix = ''] = match
  const multiplier = multipliers[suffix]
  if (multiplier === undefined) return undefined
  const [whole = '', fraction = ''] = number.split('.')
  const power = Number(exponent ?? 0) - fraction.length
  let numerator = BigInt(whole + fraction || '0') * multiplier[0] * NANO
  let denominator = multiplier[1]
  if (power >= 0) numerator *= 10n ** BigInt(power)
  else denominator *= 10n ** BigInt(-power)
  const rounded = (numerator + denominator - 1n) / denominator
  return sign === '-' ? -rounded : rounded
}

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const

/** Nano-units as people write them, exactly: `1500m`, `2`, `512Mi`, `1073741825`. */
export function formatQuantity(nano: bigint): string {
  if (nano % NANO !== 0n) return nano % 1_000_000n === 0n ? `${nano / 1_000_000n}m` : `${nano}n`
  const whole = nano / NANO
  for (const suffix of binary) {
    const [unit = 1n] = multipliers[suffix] ?? []
    if (whole >= unit && whole % unit === 0n) return `${whole / unit}${suffix}`
  }
  return String(whole)
}
