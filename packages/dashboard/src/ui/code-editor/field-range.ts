/** Where a field of a manifest stands in its text. */
import { isMap, isNode, isScalar, isSeq, type Document } from 'yaml'

export interface TextRange {
  readonly from: number
  readonly to: number
}

/**
 * Of `spec.ports[0].name`: its key. What is not there (it may be missing) stands at the innermost that is. Keys may have
 * dots in them, which the path does not tell apart: the longest that fits is meant.
 */
export function rangeOfField(document: Document.Parsed, path: string): TextRange {
  let range: TextRange = { from: 0, to: 0 }
  let node: unknown = document.contents
  let rest = path
  while (rest !== '') {
    const step: Step | undefined = stepInto(node, rest)
    if (step === undefined) break
    range = step.range ?? range
    node = step.node
    rest = step.rest
  }
  return range
}

interface Step {
  readonly node: unknown
  readonly range: TextRange | undefined
  readonly rest: string
}

function stepInto(node: unknown, path: string): Step | undefined {
  if (isMap(node)) {
    const named = node.items
      .map((pair) => ({ pair, name: String(isScalar(pair.key) ? pair.key.value : pair.key) }))
      .filter(({ name }) => leadsWith(path, name))
      .sort((a, b) => b.name.length - a.name.length)[0]
    if (named === undefined) return undefined
    const { pair, name } = named
    return { node: pair.value, range: rangeOf(pair.key), rest: afterName(path, name) }
  }
  const [, digits] = /^\[(\d+)\]/.exec(path) ?? []
  if (!isSeq(node) || digits === undefined) return undefined
  const item = node.items[Number(digits)]
  const rest = path.slice(digits.length + 2).replace(/^\./, '')
  return item === undefined ? undefined : { node: item, range: firstLine(item), rest }
}

/** A key that is a number stands in brackets, as if it were one of a list. */
const leadsWith = (path: string, name: string): boolean =>
  path.startsWith(`[${name}]`) ||
  (path.startsWith(name) && /^($|\.|\[)/.test(path.slice(name.length)))

const afterName = (path: string, name: string): string =>
  path.slice(path.startsWith(`[${name}]`) ? name.length + 2 : name.length).replace(/^\./, '')

function rangeOf(node: unknown): TextRange | undefined {
  if (!isNode(node) || !node.range) return undefined
  return { from: node.range[0], to: node.range[1] }
}

/** Of an item that is a map: its first key, or the whole of it would be underlined. */
function firstLine(item: unknown): TextRange | undefined {
  const first = isMap(item) ? item.items[0]?.key : undefined
  return rangeOf(first ?? item)
}
