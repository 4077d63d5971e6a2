import type { JsonSchema } from '../../../ui/code-editor/json-schema.ts'
import type { FieldPath } from '../field-path.ts'

export interface SchemaFieldProps {
  readonly path: FieldPath
  readonly name: string
  readonly schema: JsonSchema
  readonly isRequired?: boolean
  /** Beside others in a row: its description comes on hover. */
  readonly isCompact?: boolean
  /** An example; else what holds when nothing is set, where that is known. */
  readonly placeholder?: string
}
