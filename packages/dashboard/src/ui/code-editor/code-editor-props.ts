import type { FieldError } from '@porpulsion/contract'
import type { JsonSchema } from './json-schema.ts'

export interface CodeEditorProps {
  readonly value: string
  /** Without it, the text is only shown. */
  readonly onChange?: (text: string) => void
  /** What it is; read out. */
  readonly label: string
  /** What may stand in it: for completion and for documentation on hover. The same object every time. */
  readonly schema?: JsonSchema
  readonly problems?: readonly FieldError[]
  readonly placeholder?: string
  readonly minHeight?: string
  readonly maxHeight?: string
}

export interface CodeDiffProps {
  readonly before: string
  readonly after: string
  readonly label: string
  readonly maxHeight?: string
}
