/** Values of rules as a person reads them. */

export function inWords(value: unknown): string {
  if (value === undefined) return 'not set'
  if (value === '') return '"" (no limit)'
  if (Array.isArray(value)) return value.length === 0 ? '(empty)' : value.map(String).join(', ')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  return JSON.stringify(value)
}
