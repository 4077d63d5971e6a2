import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { CommandsButton, type Commands } from './commands.tsx'
import { ErrorAlert } from './query-state.tsx'

interface ConfirmProps {
  readonly title: string
  /** What becomes of what. */
  readonly children: ReactNode
  readonly verb: string
  /** To be typed first, for what takes much with it. */
  readonly typed?: string
  readonly commands?: Commands
  readonly run: () => Promise<unknown>
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Asks once more before what cannot be undone; stays, and says why, when it failed. */
export function Confirm({
  title,
  children,
  verb,
  typed,
  commands,
  run,
  onDone,
  onClose,
}: ConfirmProps) {
  const [name, setName] = useState('')
  const action = useMutation({ mutationFn: run, onSuccess: onDone })
  const isMeant = typed === undefined || name === typed
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isMeant) action.mutate()
        }}
      >
        <Stack>
          <Text component="div">{children}</Text>
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to go on`}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {action.error !== null && <ErrorAlert error={action.error} />}
          <Group justify="flex-end">
            {commands !== undefined && (
              <div style={{ marginRight: 'auto' }}>
                <CommandsButton what={title.replace('?', '')} commands={commands} />
              </div>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={action.isPending} disabled={!isMeant}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
