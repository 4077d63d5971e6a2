import { schemaErrors, RemoteAppManifest, type FieldError } from '@porpulsion/contract'
import { useCallback, useMemo, useState } from 'react'
import { readText, type ReadText } from './manifest-document.ts'

export interface EditedManifest {
  readonly text: string
  /** What the text says; while it is no YAML, what it said last. */
  readonly value: Readonly<Record<string, unknown>>
  /** Why the text cannot be read. */
  readonly problem: string | undefined
  /** What is wrong with it, field by field. */
  readonly errors: readonly FieldError[]
  readonly setText: (change: string | ((text: string) => string)) => void
}

interface State {
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
  readonly problem: string | undefined
}

/** The text is what counts; form and checks read it. */
export function useManifest(initial: () => string): EditedManifest {
  const [state, setState] = useState<State>(() => next({}, initial()))
  const setText = useCallback<EditedManifest['setText']>((change) => {
    setState(({ value, text }) => next(value, typeof change === 'string' ? change : change(text)))
  }, [])
  const errors = useMemo(
    () => (state.problem === undefined ? errorsOf(state.value) : []),
    [state.value, state.problem],
  )
  return { ...state, errors, setText }
}

function next(value: State['value'], text: string): State {
  const read: ReadText = readText(text)
  return read.ok
    ? { text, value: read.value, problem: undefined }
    : { text, value, problem: read.problem }
}

/** What the schema has to say against it; empty when a peer can be asked about it. */
export const errorsOf = (value: unknown): readonly FieldError[] =>
  schemaErrors(RemoteAppManifest, value)
