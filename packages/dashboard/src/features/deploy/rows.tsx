import { Button, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

interface RowsProps<T> {
  /** What one row is: "port", "variable"; said by the buttons. */
  readonly what: string
  readonly items: readonly T[]
  readonly empty: T
  readonly onChange: (items: T[]) => void
  readonly children: (item: T, change: (item: T) => void, index: number) => ReactNode
}

/** A list that can grow and shrink, one row an item. */
export function Rows<T>({ what, items, empty, onChange, children }: RowsProps<T>) {
  return (
    <Stack gap="sm">
      {items.map((item, index) => (
        <Group key={index} align="flex-end" wrap="nowrap">
          {children(item, (changed) => onChange(items.with(index, changed)), index)}
          <Button
            variant="subtle"
            color="red.9"
            aria-label={`Remove ${what} ${index + 1}`}
            onClick={() => onChange(items.toSpliced(index, 1))}
          >
            Remove
          </Button>
        </Group>
      ))}
      <Group>
        <Button variant="light" size="xs" onClick={() => onChange([...items, empty])}>
          Add {what}
        </Button>
      </Group>
    </Stack>
  )
}
