/** What a long test measured, in one line that is found by its first word. */
export function report(part: string, figures: Readonly<Record<string, number | string>>): void {
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  process.stdout.write(`measured ${part}: ${said.join(', ')}\n`)
}

/** The value below which this part of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
