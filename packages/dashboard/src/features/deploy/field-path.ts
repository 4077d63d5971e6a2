/** Where a field stands: keys of maps and places in lists, outermost first. */
export type FieldPath = readonly (string | number)[]

/** As the checks name it: `spec.ports[0].name`. */
export function dotted(path: FieldPath): string {
  return path.reduce<string>((before, part) => {
    if (/^\d+$/.test(String(part))) return `${before}[${part}]`
    return before === '' ? String(part) : `${before}.${part}`
  }, '')
}

/** What stands at a path; undefined when nothing does, or when something else is in the way. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let found = value
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Readonly<Record<string | number, unknown>>)[part] // an object that has it: checked above
  }
  return found
}

/** A scalar as a text field shows it; nothing for what is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
