import { NumberInput, SegmentedControl, Switch, TagsInput, TextInput } from '@mantine/core'
import { duration } from '../../ui/amounts.ts'
import type { FieldSchema } from './field-schema.ts'

export interface ControlProps {
  readonly label: string
  readonly descriptionId: string
  readonly schema: FieldSchema
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly disabled: boolean
  readonly error: string | undefined
  /** For lists: what is likely meant. */
  readonly suggestions: readonly string[]
}

/** A value of the kind its schema asks for. It checks nothing: the agent says what is wrong, as it would on saving. */
export function FieldControl(props: ControlProps) {
  const { label, descriptionId, schema, value, onChange, disabled, error, suggestions } = props
  const named = {
    'aria-label': label,
    'aria-describedby': descriptionId,
    disabled,
    error: error !== undefined,
  }
  switch (schema.kind) {
    case 'switch':
      return (
        <Switch
          {...named}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          withThumbIndicator={false}
        />
      )
    case 'choice':
      return (
        <SegmentedControl
          aria-label={label}
          size="xs"
          disabled={disabled}
          value={String(value)}
          onChange={onChange}
          data={schema.options.map((option) => ({ value: option, label: wordFor(option) }))}
        />
      )
    case 'list':
      return (
        <TagsInput
          {...named}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
          data={[...suggestions]}
          acceptValueOnBlur
          placeholder={disabled ? '' : 'Add one, then Enter'}
          clearable={false}
        />
      )
    case 'count':
      return (
        <NumberInput
          {...named}
          // Nothing is what no limit looks like.
          value={value === 0 || typeof value !== 'number' ? '' : value}
          onChange={(next) => onChange(typeof next === 'number' ? next : 0)}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=" "
          placeholder="No limit"
        />
      )
    case 'seconds':
      return (
        <NumberInput
          {...named}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => {
            if (typeof next === 'number') onChange(next)
          }}
          {...(schema.min !== undefined && { min: schema.min })}
          {...(schema.max !== undefined && { max: schema.max })}
          step={3_600}
          allowDecimal={false}
          allowNegative={false}
          suffix={typeof value === 'number' ? ` s = ${duration(value * 1_000)}` : ''}
        />
      )
    case 'quantity':
    case 'text':
      return (
        <TextInput
          {...named}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value.trim())}
          placeholder={schema.kind === 'quantity' ? 'No limit' : 'None'}
          spellCheck={false}
          autoComplete="off"
        />
      )
    default:
      return schema.kind satisfies never
  }
}

const wordFor = (option: string): string => option.charAt(0).toUpperCase() + option.slice(1)
