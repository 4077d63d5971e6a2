import type { FieldError } from '@porpulsion/contract'
import { createContext, use, useCallback, useMemo, useState, type ComponentType } from 'react'
import { dotted, valueAt, type FieldPath } from '../field-path.ts'
import { withName, withoutValue, withValue } from '../manifest-document.ts'
import type { EditedManifest } from '../use-manifest.ts'
import type { SchemaFieldProps } from './field-props.ts'

export interface FormApi {
  readonly value: unknown
  readonly set: (path: FieldPath, value: unknown) => void
  /** Takes a field out; an optional one takes along what is empty without it. */
  readonly clear: (path: FieldPath, isRequired?: boolean) => void
  readonly rename: (path: FieldPath, name: string) => void
  readonly touch: (path: FieldPath) => void
  /** Only of fields that somebody was at, or of all once a deploy was tried. */
  readonly errorAt: (path: FieldPath) => string | undefined
  /** How many below a path are shown. */
  readonly errorCount: (path: FieldPath) => number
}

const FormContext = createContext<FormApi | undefined>(undefined)
export const FormProvider = FormContext.Provider

export function useForm(): FormApi {
  const form = use(FormContext)
  if (form === undefined) throw new Error('A field needs a form around it')
  return form
}

/** The input for any field: fields hold fields, whose inputs they could not import without going in circles. */
const AnyField = createContext<ComponentType<SchemaFieldProps> | undefined>(undefined)
export const AnyFieldProvider = AnyField.Provider

export function useAnyField(): ComponentType<SchemaFieldProps> {
  const field = use(AnyField)
  if (field === undefined) throw new Error('A field needs a form around it')
  return field
}

interface FormOptions {
  readonly manifest: EditedManifest
  readonly errors: readonly FieldError[]
  readonly showsAll: boolean
}

export function useFormApi({ manifest, errors, showsAll }: FormOptions): FormApi {
  const { value, setText } = manifest
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const touch = useCallback((path: FieldPath) => {
    const name = dotted(path)
    setTouched((known) => (known.has(name) ? known : new Set([...known, name])))
  }, [])
  return useMemo(() => {
    const shown = errors.filter(({ path }) => showsAll || touched.has(path))
    return {
      value,
      touch,
      set: (path, field) => {
        touch(path)
        setText((text) => withValue(text, path, field))
      },
      clear: (path, isRequired = false) => {
        touch(path)
        setText((text) => withoutValue(text, path, isRequired ? undefined : keptOf(path)))
      },
      rename: (path, name) => setText((text) => withName(text, path, name)),
      errorAt: (path) => shown.find((error) => error.path === dotted(path))?.message,
      errorCount: (path) => shown.filter((error) => isBelow(error.path, dotted(path))).length,
    }
  }, [value, errors, showsAll, touched, touch, setText])
}

/** An item of a list stays, however empty it is; only its owner removes it. */
const keptOf = (path: FieldPath): number =>
  Math.max(1, path.slice(0, -1).findLastIndex((part) => typeof part === 'number') + 1)

const isBelow = (path: string, root: string): boolean =>
  path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`)

/** What stands at a path, and how to change it. */
export function useField(path: FieldPath): {
  readonly value: unknown
  readonly error: string | undefined
  readonly set: (value: unknown) => void
  readonly clear: (isRequired?: boolean) => void
  readonly touch: () => void
} {
  const form = useForm()
  return {
    value: valueAt(form.value, path),
    error: form.errorAt(path),
    set: (value) => form.set(path, value),
    clear: (isRequired) => form.clear(path, isRequired),
    touch: () => form.touch(path),
  }
}
