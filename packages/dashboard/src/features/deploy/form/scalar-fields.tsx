import { NumberInput, Select, TextInput } from '@mantine/core'
import { textOf } from '../field-path.ts'
import { defaultOf } from '../form-schema.ts'
import { labelled } from './field-label.tsx'
import { useField } from './form-context.ts'
import type { SchemaFieldProps } from './field-props.ts'

export function TextField(props: SchemaFieldProps) {
  const { value, error, set, clear, touch } = useField(props.path)
  return (
    <TextInput
      {...labelled(props)}
      placeholder={props.placeholder ?? defaultOf(props.schema)}
      value={textOf(value)}
      error={error}
      spellCheck={false}
      autoCapitalize="off"
      onBlur={touch}
      onChange={({ currentTarget }) =>
        currentTarget.value === '' ? clear(props.isRequired) : set(currentTarget.value)
      }
    />
  )
}

export function NumberField(props: SchemaFieldProps) {
  const { value, error, set, clear, touch } = useField(props.path)
  const { minimum, maximum } = props.schema
  return (
    <NumberInput
      {...labelled(props)}
      placeholder={props.placeholder ?? defaultOf(props.schema)}
      value={textOf(value)}
      error={error}
      {...(minimum !== undefined && { min: minimum })}
      {...(maximum !== undefined && { max: maximum })}
      // What is out of range is said, not silently made another number.
      clampBehavior="none"
      allowDecimal={false}
      onBlur={touch}
      onChange={(next) => (next === '' ? clear(props.isRequired) : set(Number(next)))}
    />
  )
}

interface ChoiceFieldProps extends SchemaFieldProps {
  readonly words: readonly string[]
}

export function ChoiceField({ words, ...props }: ChoiceFieldProps) {
  const { value, error, set, clear, touch } = useField(props.path)
  return (
    <Select
      {...labelled(props)}
      placeholder={defaultOf(props.schema) ?? 'Not set'}
      data={[...new Set([...words, ...(value === undefined ? [] : [textOf(value)])])]}
      value={value === undefined ? null : textOf(value)}
      error={error}
      clearable={props.isRequired !== true}
      onBlur={touch}
      onChange={(next) => (next === null ? clear(props.isRequired) : set(next))}
    />
  )
}

export function FlagField(props: SchemaFieldProps) {
  const { value, error, set, clear, touch } = useField(props.path)
  return (
    <Select
      {...labelled(props)}
      placeholder={defaultOf(props.schema) === 'false' ? 'No' : 'Not set'}
      data={[
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ]}
      value={value === undefined ? null : textOf(value)}
      error={error}
      clearable
      onBlur={touch}
      onChange={(next) => (next === null ? clear() : set(next === 'true'))}
    />
  )
}
