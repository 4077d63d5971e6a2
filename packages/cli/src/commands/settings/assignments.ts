/** `images.block=["…"]` → the merge patch that does it. */
import { parse } from 'yaml'
import { keyValue, usageError } from '../../input/values.ts'

export type Patch = Readonly<Record<string, unknown>>

export function patchOf(assignments: readonly string[], peer: string | undefined): Patch {
  const root = peer === undefined ? [] : ['peers', peer]
  return assignments.reduce<Patch>((patch, assignment) => {
    const [path, text] = keyValue('settings set', assignment)
    return withValue(patch, [...root, ...segments(path)], parseValue(assignment, text))
  }, {})
}

export function segments(path: string): string[] {
  const parts = path.split('.')
  if (parts.includes(''))
    throw usageError(`"${path}" is not the path of a setting, such as images.block`)
  return parts
}

/** JSON, or what YAML makes of a bare word: `true`, `3`, `512Mi`. */
function parseValue(assignment: string, text: string): unknown {
  try {
    return text === '' ? '' : (parse(text) as unknown)
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''
    throw usageError(
      `The value of ${assignment} cannot be read: ${reason} Quote it for the shell: 'PATH=["…"]'`,
    )
  }
}

function withValue(patch: Patch, [head = '', ...rest]: readonly string[], value: unknown): Patch {
  if (rest.length === 0) return { ...patch, [head]: value }
  const inner = patch[head]
  return { ...patch, [head]: withValue(isPatch(inner) ? inner : {}, rest, value) }
}

function isPatch(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies at the path; undefined where nothing does. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (isPatch(value) && Object.hasOwn(value, part) ? value[part] : undefined),
    document,
  )
}
