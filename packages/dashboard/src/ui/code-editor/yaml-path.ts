/**
 * Where in a manifest a line stands, read from indentation alone: completion is asked for while the text is in the
 * middle of a change and no parser would take it.
 */
import { ITEM, type SchemaPath } from './json-schema.ts'

interface Token {
  readonly column: number
  /** `[]` for the dash of a list. */
  readonly name: string
}

/** The dashes and the key that a line begins with. */
export function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = []
  let column = indentOf(line)
  while (/^-( |$)/.test(line.slice(column))) {
    tokens.push({ column, name: ITEM })
    column += 1 + indentOf(line.slice(column + 1))
  }
  const key = /^(?:"([^"]+)"|'([^']+)'|([^\s#'"[\]{},:][^\s:]*)):(?:\s|$)/.exec(line.slice(column))
  const name = key?.[1] ?? key?.[2] ?? key?.[3]
  return name === undefined ? tokens : [...tokens, { column, name }]
}

/** What the key that begins at `column` of line `at` stands in, outermost first. */
export function parentsOf(lines: readonly string[], at: number, column: number): SchemaPath {
  const path: string[] = []
  let inner: Token = { column, name: '' }
  for (let index = at; index >= 0; index--) {
    for (const token of tokensOf(lines[index] ?? '').toReversed()) {
      if (!holds(token, inner)) continue
      path.unshift(token.name)
      inner = token
    }
  }
  return path
}

/** A list may stand as far to the left as the key it belongs to. */
const holds = (outer: Token, inner: Token): boolean =>
  outer.column < inner.column ||
  (outer.column === inner.column && inner.name === ITEM && outer.name !== ITEM)

export const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0

/** The keys that stand beside the one at `column`: before it and after it, in the same map. */
export function siblingsOf(
  lines: readonly string[],
  at: number,
  column: number,
): ReadonlySet<string> {
  const found = new Set<string>()
  const collect = (index: number): boolean => {
    const line = lines[index]
    if (line === undefined) return false
    const tokens = tokensOf(line)
    const own = tokens.find((token) => token.column === column && token.name !== ITEM)
    if (own !== undefined && index !== at) found.add(own.name)
    return line.trim() === '' || !tokens.some((token) => token.column < column)
  }
  // The line with the dash of an item is still part of it; the next one with a dash is not.
  for (let index = at; collect(index); index--);
  for (let index = at + 1; collect(index) && index < lines.length; index++);
  return found
}
