/** Kubernetes quantities (`500m`, `1.5Gi`, `1e3`), as far as a node needs them: to compare and to print. */

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
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

const pattern =
  /^(?<digits>[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)(?<suffix>[numkMGTPE]|[KMGTPE]i)?$/

/** Undefined for what is not a quantity. */
export function parseQuantity(text: string | number | undefined): number | undefined {
  const { digits, suffix = '' } = pattern.exec(String(text ?? ''))?.groups ?? {}
  const factor = suffixes[suffix]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}
