import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  indentUnit,
} from '@codemirror/language'
import { linter, lintGutter, lintKeymap, forceLinting } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, EditorState, Prec, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import type { FieldError } from '@porpulsion/contract'
import { useEffect, useRef } from 'react'
import type { CodeEditorProps } from './code-editor-props.ts'
import { codeLook } from './editor-theme.ts'
import { markersOf } from './field-markers.ts'
import type { JsonSchema } from './json-schema.ts'
import { schemaCompletion, schemaHover } from './schema-hints.ts'
import { tokensOf } from './yaml-path.ts'

interface YamlEditorProps extends Omit<CodeEditorProps, 'minHeight' | 'maxHeight'> {
  /** Id of the words that say how to get out again. */
  readonly hint: string
}

/** Text that came from outside is not told back as a change. */
const FromOutside = Annotation.define<true>()
const noProblems: readonly FieldError[] = []

export default function YamlEditor(props: YamlEditorProps) {
  const { value, problems = noProblems } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const latest = useRef(props)
  const shown = useRef(problems)

  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    if (place.current === null) return undefined
    const { value: doc, ...rest } = latest.current
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc,
        extensions: extensionsOf({
          ...rest,
          problems: () => shown.current,
          onText: (text) => latest.current.onChange?.(text),
        }),
      }),
    })
    view.current = editor
    return () => {
      editor.destroy()
      view.current = undefined
    }
  }, [props.label, props.hint, props.schema, props.onChange === undefined])
  useEffect(() => {
    if (view.current !== undefined) replaceText(view.current, value)
  }, [value])
  useEffect(() => {
    shown.current = problems
    if (view.current !== undefined) forceLinting(view.current)
  }, [problems])

  return <div ref={place} />
}

interface Options extends Omit<YamlEditorProps, 'value' | 'problems'> {
  readonly problems: () => readonly FieldError[]
  readonly onText: (text: string) => void
}

function extensionsOf(options: Options): Extension {
  const { label, hint, onChange, schema } = options
  const isReadOnly = onChange === undefined
  return [
    yaml(),
    codeLook,
    lineNumbers(),
    foldGutter(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    indentUnit.of('  '),
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    search({ top: true }),
    EditorView.contentAttributes.of({
      'aria-label': label,
      // Editable it is reached anyhow; tools that look for what is reached do not know.
      tabindex: '0',
      'aria-describedby': hint,
      ...(isReadOnly && { 'aria-readonly': 'true' }),
    }),
    keymap.of([...searchKeymap, ...foldKeymap, ...defaultKeymap]),
    schema === undefined ? [] : schemaHover(schema),
    isReadOnly ? EditorState.readOnly.of(true) : writing(options, schema),
  ]
}

function writing({ problems, onText, placeholder: hint }: Options, schema?: JsonSchema): Extension {
  return [
    history(),
    indentOnInput(),
    closeBrackets(),
    highlightActiveLine(),
    hint === undefined ? [] : placeholder(hint),
    lintGutter(),
    linter((view) => markersOf(view.state.doc.toString(), problems(), schema), { delay: 300 }),
    autocompletion(schema === undefined ? {} : { override: [schemaCompletion(schema)] }),
    Prec.highest(EditorView.domEventHandlers({ keydown: giveTabBack })),
    Prec.high(keymap.of([{ key: 'Enter', run: indentUnderKey }])),
    keymap.of([
      ...completionKeymap,
      ...closeBracketsKeymap,
      ...historyKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.updateListener.of((update) => {
      const isOwn = update.transactions.some((one) => one.annotation(FromOutside) === true)
      if (update.docChanged && !isOwn) onText(update.state.doc.toString())
    }),
  ]
}

/**
 * Tab indents, as in any editor; after Escape, whatever else that closes, the browser has it until something is typed.
 * The editor's own way is over after two seconds, and begins only when Escape closed nothing.
 */
function giveTabBack({ key }: KeyboardEvent, view: EditorView): boolean {
  if (key === 'Escape') view.setTabFocusMode(true)
  else if (key !== 'Tab' && key !== 'Shift') view.setTabFocusMode(false)
  return false
}

/** After `key:` and `- key:` comes what belongs to it, two further in than the key. */
function indentUnderKey(view: EditorView): boolean {
  const { state } = view
  const { main, ranges } = state.selection
  const line = state.doc.lineAt(main.head)
  // An offer that is open is taken with Enter.
  if (ranges.length > 1 || !main.empty || completionStatus(state) === 'active') return false
  if (main.head !== line.to || !/:\s*$/.test(line.text)) return false
  const column = tokensOf(line.text).at(-1)?.column
  if (column === undefined) return false
  view.dispatch(state.replaceSelection(`\n${' '.repeat(column + 2)}`), {
    scrollIntoView: true,
    userEvent: 'input',
  })
  return true
}

/** Only what differs, so that cursor and scroll position stay where the rest is. */
function replaceText(view: EditorView, text: string): void {
  const old = view.state.doc.toString()
  if (old === text) return
  let from = 0
  while (from < old.length && from < text.length && old[from] === text[from]) from++
  let end = 0
  const most = Math.min(old.length, text.length) - from
  while (end < most && old[old.length - 1 - end] === text[text.length - 1 - end]) end++
  view.dispatch({
    changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) },
    annotations: FromOutside.of(true),
  })
}
