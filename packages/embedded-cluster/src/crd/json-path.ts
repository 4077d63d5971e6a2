/** The JSONPath of printer columns and scale subresources: fields, indexes, wildcards and `[?(@.a=="b")]`. */
import { getOwn, isObject } from '../registry/json.ts'

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly value: string }

/** Alternatives: a field (or `*`), a quoted field, an index (or `*`), a filter. */
const pattern =
  /\.(\*|(?:[^.[\\\s]|\\.)+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+|\*)\]|\[\?\(@((?:\.[\w-]+)+)\s*==\s*['"]([^'"]*)['"]\)\]/y

/** Undefined if the text is no path of that kind. */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  const path = text.replace(/^\{|\}$/g, '')
  const steps: Step[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path)
    if (match === null) return undefined
    steps.push(toStep(match))
  }
  return steps
}

function toStep(match: RegExpExecArray): Step {
  const [, field, single, double, index, filterPath, filterValue] = match
  if (field === '*' || index === '*') return { kind: 'all' }
  if (index !== undefined) return { kind: 'index', index: Number(index) }
  if (filterPath !== undefined) {
    return { kind: 'filter', path: filterPath.split('.').slice(1), value: filterValue ?? '' }
  }
  return { kind: 'field', name: unescape(field ?? single ?? double ?? '') }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}

/** Everything the path leads to. */
export function readJsonPath(value: unknown, steps: readonly Step[]): readonly unknown[] {
  let found: readonly unknown[] = [value]
  for (const step of steps) found = found.flatMap((one) => follow(one, step))
  return found
}

function follow(value: unknown, step: Step): readonly unknown[] {
  switch (step.kind) {
    case 'field': {
      const member = isObject(value) ? getOwn(value, step.name) : undefined
      return member === undefined ? [] : [member]
    }
    case 'index': {
      const item: unknown = Array.isArray(value) ? value.at(step.index) : undefined
      return item === undefined ? [] : [item]
    }
    case 'all':
      if (Array.isArray(value)) return value
      return isObject(value) ? Object.values(value) : []
    case 'filter':
      if (!Array.isArray(value)) return []
      return value.filter((item) => {
        const fields = step.path.map((name): Step => ({ kind: 'field', name }))
        return readJsonPath(item, fields).some((one) => String(one) === step.value)
      })
    default:
      return step satisfies never
  }
}

/** The plain fields of a path such as `.spec.replicas`. */
export function fieldsOfPath(text: string): readonly string[] | undefined {
  const steps = parseJsonPath(text)
  if (steps === undefined) return undefined
  const names = steps.map((step) => (step.kind === 'field' ? step.name : undefined))
  return names.every((name) => name !== undefined) ? names : undefined
}
