import { Alert } from '@mantine/core'
import { isRecord } from '../field-path.ts'
import { kindOf, labelOf } from '../form-schema.ts'
import { ChoiceField, FlagField, NumberField, TextField } from './scalar-fields.tsx'
import { EnvList } from './env-list.tsx'
import { useField } from './form-context.ts'
import type { SchemaFieldProps } from './field-props.ts'
import { GroupField, OneOfField } from './group-fields.tsx'
import { ListField } from './list-field.tsx'
import { MapField } from './map-field.tsx'
import { WordsField } from './words-field.tsx'

/** The input for a field, whatever it is. */
export function SchemaField(props: SchemaFieldProps) {
  const { path, name, schema } = props
  const { value } = useField(path)
  const kind = kindOf(schema)
  if (kind === undefined) return null
  if (!hasShape(value, kind.kind))
    return (
      <Alert color="orange" title={labelOf(name)}>
        What stands here is not what belongs here. Mend it in the YAML.
      </Alert>
    )
  switch (kind.kind) {
    case 'text':
      return <TextField {...props} />
    case 'number':
      return <NumberField {...props} />
    case 'flag':
      return <FlagField {...props} />
    case 'choice':
      return <ChoiceField {...props} words={kind.words} />
    case 'words':
      return <WordsField {...props} />
    case 'list':
      return name === 'env' ? (
        <EnvList {...props} item={kind.item} />
      ) : (
        <ListField {...props} item={kind.item} />
      )
    case 'map':
      return <MapField {...props} />
    case 'oneOf':
      return <OneOfField {...props} fields={kind.fields} />
    case 'group':
      return <GroupField {...props} />
    default:
      return kind satisfies never
  }
}

/** A manifest may hold anything, and is shown as far as it can be. */
function hasShape(value: unknown, kind: string): boolean {
  if (value === undefined || value === null) return true
  if (kind === 'list') return Array.isArray(value) && value.every(isRecord)
  if (kind === 'words') return Array.isArray(value) && value.every((one) => typeof one !== 'object')
  if (kind === 'map')
    return isRecord(value) && Object.values(value).every((one) => typeof one !== 'object')
  if (kind === 'group' || kind === 'oneOf') return isRecord(value)
  return typeof value !== 'object'
}
