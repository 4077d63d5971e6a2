import {
  Autocomplete,
  Fieldset,
  Group,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { JsonSchema } from '../../../ui/code-editor/json-schema.ts'
import classes from '../deploy.module.css'
import { isRecord, textOf, valueAt, type FieldPath } from '../field-path.ts'
import { labelOf } from '../form-schema.ts'
import { useField, useForm } from './form-context.ts'
import { ItemError } from './list-field.tsx'
import { AddButton, ListError, RemoveButton } from './rows.tsx'
import type { SchemaFieldProps } from './field-props.ts'

type Source = 'value' | 'configMapKeyRef' | 'secretKeyRef' | 'fieldRef'

const sources: readonly { readonly value: Source; readonly label: string }[] = [
  { value: 'value', label: 'Text' },
  { value: 'configMapKeyRef', label: 'File of a config map' },
  { value: 'secretKeyRef', label: 'File of a secret' },
  { value: 'fieldRef', label: 'Field of the pod' },
]

/** Fields of a pod that a container may read, of those that have one name only. */
const podFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.podIP',
  'status.podIPs',
  'status.hostIP',
  'status.hostIPs',
]

/** Variables, in the order of the manifest, which counts: one may refer to those above it. */
export function EnvList({ path, name }: SchemaFieldProps & { readonly item: JsonSchema }) {
  const { value, error, set } = useField(path)
  const form = useForm()
  const rows: readonly unknown[] = Array.isArray(value) ? value : []
  return (
    <Stack gap={6} data-rows role="group" aria-label={labelOf(name)}>
      <Text size="sm" fw={500}>
        {labelOf(name)}
      </Text>
      {rows.map((row, index) => (
        <Fieldset key={index} className={classes['row']} aria-label={`variable ${index + 1}`}>
          <Group align="flex-start" wrap="nowrap" gap="xs">
            <div className={classes['fields']}>
              <Variable path={[...path, index]} row={row} index={index} />
            </div>
            <RemoveButton
              what={`variable ${index + 1}`}
              onRemove={() => form.clear([...path, index])}
            />
          </Group>
          <ItemError path={[...path, index]} />
        </Fieldset>
      ))}
      <ListError error={error} />
      <AddButton what="variable" onAdd={() => set([...rows, { name: '', value: '' }])} />
    </Stack>
  )
}

interface VariableProps {
  readonly path: FieldPath
  readonly row: unknown
  readonly index: number
}

function Variable({ path, row, index }: VariableProps) {
  const form = useForm()
  const source = sourceOf(row)
  const change = (next: string | null): void => {
    if (next === null || next === source) return
    const { value: _value, valueFrom: _from, ...rest } = isRecord(row) ? row : {}
    form.set(path, { ...rest, ...blankSource(next) })
  }
  return (
    <>
      <TextInput
        label="Name"
        required
        aria-label={`Name of variable ${index + 1}`}
        value={textOf(valueAt(row, ['name']))}
        error={form.errorAt([...path, 'name'])}
        spellCheck={false}
        onBlur={() => form.touch([...path, 'name'])}
        onChange={({ currentTarget }) => form.set([...path, 'name'], currentTarget.value)}
      />
      <Select
        label="From"
        aria-label={`Source of variable ${index + 1}`}
        data={[...sources]}
        value={source}
        allowDeselect={false}
        onChange={change}
      />
      {source === 'value' && <PlainValue path={[...path, 'value']} index={index} />}
      {source === 'fieldRef' && (
        <Suggested
          label="Field"
          path={[...path, 'valueFrom', 'fieldRef', 'fieldPath']}
          data={podFields}
        />
      )}
      {(source === 'configMapKeyRef' || source === 'secretKeyRef') && (
        <FileOf path={[...path, 'valueFrom', source]} source={source} />
      )}
    </>
  )
}

function PlainValue({ path, index }: { path: FieldPath; index: number }) {
  const { value, error, set, touch } = useField(path)
  return (
    <Textarea
      label="Value"
      aria-label={`Value of variable ${index + 1}`}
      autosize
      minRows={1}
      maxRows={8}
      spellCheck={false}
      value={textOf(value)}
      error={error}
      onBlur={touch}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  )
}

/** A file of one of the app's own config maps or secrets; which ones there are is known. */
function FileOf({ path, source }: { path: FieldPath; source: 'configMapKeyRef' | 'secretKeyRef' }) {
  const form = useForm()
  const list = valueAt(form.value, ['spec', source === 'secretKeyRef' ? 'secrets' : 'configMaps'])
  const mounts = Array.isArray(list) ? list.filter(isRecord) : []
  const named = mounts.find((mount) => mount['name'] === valueAt(form.value, [...path, 'name']))
  const files = [named?.['data'], named?.['binaryData']].flatMap((some) =>
    isRecord(some) ? Object.keys(some) : [],
  )
  return (
    <>
      <Suggested
        label={source === 'secretKeyRef' ? 'Secret' : 'Config map'}
        path={[...path, 'name']}
        data={mounts.map((mount) => textOf(mount['name']))}
      />
      <Suggested label="File" path={[...path, 'key']} data={files} />
    </>
  )
}

interface SuggestedProps {
  readonly label: string
  readonly path: FieldPath
  readonly data: readonly string[]
}

function Suggested({ label, path, data }: SuggestedProps) {
  const { value, error, set, touch } = useField(path)
  return (
    <Autocomplete
      label={label}
      required
      data={[...new Set(data)]}
      value={textOf(value)}
      error={error}
      spellCheck={false}
      onBlur={touch}
      onChange={set}
    />
  )
}

function sourceOf(row: unknown): Source {
  const from = valueAt(row, ['valueFrom'])
  const found = sources.find(({ value }) => isRecord(from) && from[value] !== undefined)
  return found?.value ?? 'value'
}

function blankSource(source: string): Readonly<Record<string, unknown>> {
  if (source === 'value') return { value: '' }
  if (source === 'fieldRef') return { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
  return { valueFrom: { [source]: { name: '', key: '' } } }
}
