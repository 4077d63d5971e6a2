/** Completion and documentation of a manifest's fields, from its schema. */
import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete'
import type { EditorState, Extension, Text } from '@codemirror/state'
import { hoverTooltip, type EditorView } from '@codemirror/view'
import { schemaAt, typeWords, type JsonSchema } from './json-schema.ts'
import { indentOf, parentsOf, siblingsOf, tokensOf } from './yaml-path.ts'

/** Property names where a key may begin, words where a value may. */
export const schemaCompletion =
  (schema: JsonSchema): CompletionSource =>
  (context) => {
    const line = context.state.doc.lineAt(context.pos)
    const before = line.text.slice(0, context.pos - line.from)
    const key = /^(\s*(?:- +)*)([\w.-]*)$/.exec(before)
    if (key !== null) return keysAt(schema, context, key[1]?.length ?? 0)
    const value = /^(\s*(?:- +)*)[\w./-]+:\s+([\w.-]*)$/.exec(before)
    if (value !== null)
      return valuesAt(schema, context, value[1]?.length ?? 0, value[2]?.length ?? 0)
    return null
  }

function keysAt(
  schema: JsonSchema,
  { state, pos, explicit }: CompletionContext,
  column: number,
): CompletionResult | null {
  const { lines, at } = placeOf(state, pos)
  const line = state.doc.lineAt(pos)
  // An empty line stands in many maps; only whoever asks is told of one.
  if (!explicit && pos === line.from + column) return null
  const parent = schemaAt(schema, parentsOf(lines, at, column))
  const present = siblingsOf(lines, at, column)
  const options = Object.entries(parent?.properties ?? {})
    .filter(([name]) => !present.has(name))
    .map(([name, field], index): Completion => {
      const required = parent?.required?.includes(name) ?? false
      return {
        label: name,
        type: 'property',
        detail: required ? `${typeWords(field)}, required` : typeWords(field),
        apply: name + opening(field, column),
        // In the order of the schema, which begins with what matters.
        boost: (required ? 50 : 0) - index,
        ...(field.description !== undefined && { info: field.description }),
      }
    })
  return options.length === 0 ? null : { from: line.from + column, options, validFor: /^[\w.-]*$/ }
}

/** What follows a key, so that typing can go on at the right place. */
function opening(field: JsonSchema, column: number): string {
  const inner = `\n${' '.repeat(column + 2)}`
  if (field.type === 'array') return `:${inner}- `
  return field.type === 'object' ? `:${inner}` : ': '
}

function valuesAt(
  schema: JsonSchema,
  { state, pos }: CompletionContext,
  column: number,
  typed: number,
): CompletionResult | null {
  const field = fieldAt(schema, state, pos, column)
  const words =
    field?.enum ??
    (field?.type === 'boolean' ? [true, false] : field?.const === undefined ? [] : [field.const])
  if (words.length === 0) return null
  return {
    from: pos - typed,
    options: words.map((word) => ({ label: String(word), type: 'enum' })),
    validFor: /^[\w.-]*$/,
  }
}

/** Of the key that begins at `column` of the line at `pos`. */
function fieldAt(
  schema: JsonSchema,
  state: EditorState,
  pos: number,
  column: number,
): JsonSchema | undefined {
  const { lines, at } = placeOf(state, pos)
  const name = tokensOf(lines[at] ?? '').find((token) => token.column === column)?.name
  return name === undefined ? undefined : schemaAt(schema, [...parentsOf(lines, at, column), name])
}

const placeOf = (state: EditorState, pos: number): { lines: readonly string[]; at: number } => ({
  lines: linesOf(state.doc),
  at: state.doc.lineAt(pos).number - 1,
})

const linesOf = (doc: Text): readonly string[] => doc.toString().split('\n')

/** What the field under the pointer means. */
export const schemaHover = (schema: JsonSchema): Extension =>
  hoverTooltip((view: EditorView, pos: number) => {
    const line = view.state.doc.lineAt(pos)
    const token = tokensOf(line.text).at(-1)
    if (token === undefined) return null
    const from = line.from + token.column
    if (pos < from || pos > from + token.name.length || indentOf(line.text) > pos - line.from)
      return null
    const field = fieldAt(schema, view.state, pos, token.column)
    if (field?.description === undefined) return null
    return {
      pos: from,
      end: from + token.name.length,
      above: true,
      create: () => ({ dom: documentation(token.name, field) }),
    }
  })

function documentation(name: string, field: JsonSchema): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'cm-field-help'
  const title = document.createElement('strong')
  title.textContent = name
  const type = document.createElement('span')
  type.textContent = typeWords(field)
  const text = document.createElement('p')
  text.textContent = field.description ?? ''
  dom.append(title, type, text)
  return dom
}
