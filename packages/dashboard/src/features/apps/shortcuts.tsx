import { ActionIcon, Group, Kbd, Modal, Stack, Table, Tooltip } from '@mantine/core'
import { useDisclosure, useHotkeys, type HotkeyItem } from '@mantine/hooks'
import { KeyboardIcon } from '@radix-ui/react-icons'

interface ShortcutsProps {
  readonly shortcuts: readonly { readonly keys: string; readonly what: string }[]
  /** Those of them that are not bound elsewhere. */
  readonly hotkeys: readonly HotkeyItem[]
}

/** The keys of a page, and the dialog that lists them. */
export function Shortcuts({ shortcuts, hotkeys }: ShortcutsProps) {
  const [isOpen, { open, close }] = useDisclosure()
  useHotkeys([['shift+?', open], ...hotkeys])
  return (
    <>
      <Tooltip label="Keyboard shortcuts (?)">
        <ActionIcon size={30} onClick={open} aria-label="Keyboard shortcuts" visibleFrom="sm">
          <KeyboardIcon />
        </ActionIcon>
      </Tooltip>
      <Modal opened={isOpen} onClose={close} title="Keyboard shortcuts">
        <Stack gap="xs">
          <Table withRowBorders={false}>
            <Table.Tbody>
              {[
                ...shortcuts,
                { keys: '⌘K', what: 'Search or do anything' },
                { keys: '?', what: 'This list' },
              ].map(({ keys, what }) => (
                <Table.Tr key={keys}>
                  <Table.Td>{what}</Table.Td>
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      {keys.split(' ').map((key) => (
                        <Kbd key={key}>{key}</Kbd>
                      ))}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      </Modal>
    </>
  )
}
