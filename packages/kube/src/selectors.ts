/** A selector in Kubernetes' own syntax, or pairs that must all be equal. */
export type Selector = string | Readonly<Record<string, string>>

export function formatSelector(selector: Selector | undefined): string | undefined {
  if (selector === undefined || typeof selector === 'string') return selector
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
