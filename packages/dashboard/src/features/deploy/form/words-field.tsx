import { Group, Stack, Textarea } from '@mantine/core'
import { labelOf } from '../form-schema.ts'
import { FieldTitle } from './field-label.tsx'
import { useField, useForm } from './form-context.ts'
import { AddButton, ListError, RemoveButton } from './rows.tsx'
import type { SchemaFieldProps } from './field-props.ts'

const singles: Readonly<Record<string, string>> = {
  args: 'argument',
  command: 'word',
  drop: 'capability',
  imagePullSecrets: 'secret',
}

/** Texts one below the other, each of which may have several lines, as a script does. */
export function WordsField({ path, name, schema }: SchemaFieldProps) {
  const { value, error, set } = useField(path)
  const form = useForm()
  const words = Array.isArray(value) ? value.map(String) : []
  const single = singles[name] ?? 'text'
  return (
    <Stack gap={6} data-rows role="group" aria-label={labelOf(name)}>
      <FieldTitle name={name} schema={schema} />
      {words.map((word, index) => (
        <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
          <Textarea
            flex={1}
            aria-label={`${labelOf(name)}, ${single} ${index + 1}`}
            autosize
            minRows={1}
            maxRows={8}
            ff="monospace"
            spellCheck={false}
            value={word}
            error={form.errorAt([...path, index])}
            onBlur={() => form.touch([...path, index])}
            onChange={({ currentTarget }) => form.set([...path, index], currentTarget.value)}
          />
          <RemoveButton
            what={`${single} ${index + 1}`}
            onRemove={() => form.clear([...path, index])}
          />
        </Group>
      ))}
      <ListError error={error} />
      <AddButton what={single} onAdd={() => set([...words, ''])} />
    </Stack>
  )
}
