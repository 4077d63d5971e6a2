/** Kubernetes quantities: is it one, and in what form does the server keep it. */

const pattern = /^[+-]?(\d+(\.\d*)?|\.\d+)(([KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d+)?$/

export function isQuantity(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'string' && value.length <= 64 && pattern.test(value)
}

export function isNegativeQuantity(value: unknown): boolean {
  return String(value).startsWith('-')
}

export const quantityProblem =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const powers: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Below, equal or above zero as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: unknown, b: unknown): number {
  return toNumber(a) - toNumber(b)
}

/** Undefined for what is not a quantity. */
export function parseQuantity(value: unknown): number | undefined {
  return isQuantity(value) ? toNumber(value) : undefined
}

function toNumber(value: unknown): number {
  const text = String(value)
  const suffix = /([KMGTPE]i|[numkMGTPE])$/.exec(text)?.[1] ?? ''
  return Number(text.slice(0, text.length - suffix.length)) * (powers[suffix] ?? 1)
}

const binarySuffixes = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const

/** An amount as people write it: cores in thousandths, bytes by the largest suffix that leaves no rest. */
export function formatQuantity(name: string, amount: number): string {
  if (name.endsWith('cpu')) {
    const thousandths = Math.round(amount * 1_000)
    return thousandths % 1_000 === 0 ? String(thousandths / 1_000) : `${thousandths}m`
  }
  if (!/(memory|storage)$/.test(name) || amount === 0) return String(amount)
  const suffix = binarySuffixes.find((one) => amount % (powers[one] ?? 1) === 0)
  return suffix === undefined ? String(amount) : `${amount / (powers[suffix] ?? 1)}${suffix}`
}
