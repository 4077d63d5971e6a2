/** What is wrong with a manifest, marked where it stands. */
import type { Diagnostic } from '@codemirror/lint'
import type { FieldError } from '@porpulsion/contract'
import { parseYamlDocument } from '../../api/manifest-yaml.ts'
import { rangeOfField } from './field-range.ts'
import { ITEM, schemaAt, type JsonSchema } from './json-schema.ts'
import { nearestOf } from './spelling.ts'

/** Errors of the language first: while there are any, fields cannot be told apart. */
export function markersOf(
  text: string,
  problems: readonly FieldError[],
  schema: JsonSchema | undefined,
): Diagnostic[] {
  const document = parseYamlDocument(text)
  if (document.errors.length > 0)
    return document.errors.map(({ pos: [from, to], message }) => ({
      ...within(text, { from, to }),
      severity: 'error',
      message,
    }))
  return problems.map(({ path, message }): Diagnostic => {
    const range = within(text, rangeOfField(document, path))
    const meant = schema === undefined ? undefined : meantBy(path, message, schema)
    return {
      ...range,
      severity: 'error',
      message: meant === undefined ? `${path}: ${message}` : `${path}: did you mean ${meant}?`,
      ...(meant !== undefined && {
        actions: [
          {
            name: `Change to ${meant}`,
            apply: (view, from, to) => {
              view.dispatch({ changes: { from, to, insert: meant } })
            },
          },
        ],
      }),
    }
  })
}

/** The field that an unknown one is a slip for. */
function meantBy(path: string, message: string, schema: JsonSchema): string | undefined {
  if (!message.startsWith('unknown field')) return undefined
  const parts = path.replace(/\[\d+\]/g, `.${ITEM}`).split('.')
  const name = parts.pop()
  const parent = schemaAt(schema, parts)
  return name === undefined ? undefined : nearestOf(name, Object.keys(parent?.properties ?? {}))
}

/** At least a character wide, or there would be nothing to see; never beyond the end. */
function within(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): { from: number; to: number } {
  const start = Math.min(from, Math.max(0, text.length - 1))
  return { from: start, to: Math.min(text.length, Math.max(to, start + 1)) }
}
