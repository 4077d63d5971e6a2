import { Text, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import { labelOf } from '../form-schema.ts'
import type { SchemaFieldProps } from './field-props.ts'

/** Label and help of an input: the help beneath it, or on hover where several stand in a row. */
export function labelled({
  name,
  schema,
  isRequired = false,
  isCompact = false,
}: SchemaFieldProps): {
  label: ReactNode
  description?: string
  required: boolean
} {
  const description = schema.description === '' ? undefined : schema.description
  if (!isCompact || description === undefined)
    return {
      label: labelOf(name),
      required: isRequired,
      ...(description !== undefined && !isCompact && { description: plain(description) }),
    }
  return {
    label: (
      <Tooltip label={plain(description)} multiline maw={360}>
        <Text span inherit>
          {labelOf(name)}
        </Text>
      </Tooltip>
    ),
    required: isRequired,
  }
}

/** The same above what has no input of its own: a list, say. */
export function FieldTitle({ name, schema }: Pick<SchemaFieldProps, 'name' | 'schema'>) {
  return (
    <div>
      <Text size="sm" fw={500}>
        {labelOf(name)}
      </Text>
      {schema.description !== undefined && (
        <Text size="xs" c="dimmed">
          {plain(schema.description)}
        </Text>
      )}
    </div>
  )
}

/** Descriptions mark code with backticks, for the reference. */
export const plain = (text: string): string => text.replaceAll('`', '')
