import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core'
import { PlusIcon, TrashIcon } from '@radix-ui/react-icons'

/** Takes one of a list away; where the focus was, it goes to the button that adds one. */
export function RemoveButton({ what, onRemove }: { what: string; onRemove: () => void }) {
  return (
    <Tooltip label={`Remove ${what}`}>
      <ActionIcon
        aria-label={`Remove ${what}`}
        onClick={({ currentTarget }) => {
          const list = currentTarget.closest('[data-rows]')
          onRemove()
          list?.querySelector<HTMLElement>('[data-add]')?.focus()
        }}
      >
        <TrashIcon />
      </ActionIcon>
    </Tooltip>
  )
}

export function AddButton({ what, onAdd }: { what: string; onAdd: () => void }) {
  return (
    <Group>
      <Button variant="default" leftSection={<PlusIcon />} onClick={onAdd} data-add>
        Add {what}
      </Button>
    </Group>
  )
}

/** Of a whole list, which has no input to show it. */
export function ListError({ error }: { error: string | undefined }) {
  return error === undefined ? null : (
    <Text size="xs" c="var(--mantine-color-error)" role="alert">
      {error}
    </Text>
  )
}
