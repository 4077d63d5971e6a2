import { Fieldset, Group, Stack } from '@mantine/core'
import type { JsonSchema } from '../../../ui/code-editor/json-schema.ts'
import { blankOf, labelOf, singleOf } from '../form-schema.ts'
import classes from '../deploy.module.css'
import { FieldTitle } from './field-label.tsx'
import { useField, useForm } from './form-context.ts'
import { FieldsOf } from './group-fields.tsx'
import { AddButton, ListError, RemoveButton } from './rows.tsx'
import type { SchemaFieldProps } from './field-props.ts'

interface ListFieldProps extends SchemaFieldProps {
  readonly item: JsonSchema
  /** What a new row holds. */
  readonly blank?: unknown
}

/** A list that grows and shrinks; in the order of the manifest. */
export function ListField({ path, name, schema, item, blank }: ListFieldProps) {
  const { value, error, set } = useField(path)
  const { clear } = useForm()
  const rows: readonly unknown[] = Array.isArray(value) ? value : []
  const single = singleOf(name)
  const add = blank ?? blankOf(item)
  return (
    <Stack gap="xs" data-rows role="group" aria-label={labelOf(name)}>
      <FieldTitle name={name} schema={schema} />
      {rows.map((_row, index) => (
        <Fieldset
          // The form keeps nothing of a row: it may take the place of one that goes.
          key={index}
          className={classes['row']}
          aria-label={`${single} ${index + 1}`}
        >
          <Group align="flex-start" wrap="nowrap" gap="xs">
            <div className={classes['fields']}>
              <FieldsOf path={[...path, index]} schema={item} isCompact />
              <ListError error={undefined} />
            </div>
            <RemoveButton
              what={`${single} ${index + 1}`}
              onRemove={() => clear([...path, index])}
            />
          </Group>
          <ItemError path={[...path, index]} />
        </Fieldset>
      ))}
      <ListError error={error} />
      <AddButton what={single} onAdd={() => set([...rows, add])} />
    </Stack>
  )
}

export function ItemError({ path }: { path: SchemaFieldProps['path'] }) {
  return <ListError error={useField(path).error} />
}
