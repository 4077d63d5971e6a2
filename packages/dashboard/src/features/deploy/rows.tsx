import { Button, Group, Stack } from '@mantine/core'
import { useState, type ReactNode } from 'react'

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
  // A row keeps its identity, and with it what is being typed, when one above it goes.
  const [ids, setIds] = useState<readonly number[]>(() => items.map((_item, index) => index))
  const add = (): void => {
    setIds([...ids, Math.max(-1, ...ids) + 1])
    onChange([...items, empty])
  }
  const remove = (index: number): void => {
    setIds(ids.toSpliced(index, 1))
    onChange(items.toSpliced(index, 1))
  }
  return (
    <Stack gap="sm">
      {items.map((item, index) => (
        <Group key={ids[index]} align="flex-end" role="group" aria-label={`${what} ${index + 1}`}>
          {children(item, (changed) => onChange(items.with(index, changed)), index)}
          <Button
            variant="subtle"
            color="red"
            aria-label={`Remove ${what} ${index + 1}`}
            onClick={() => remove(index)}
          >
            Remove
          </Button>
        </Group>
      ))}
      <Group>
        <Button variant="light" size="xs" onClick={add}>
          Add {what}
        </Button>
      </Group>
    </Stack>
  )
}
