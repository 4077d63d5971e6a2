import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'

interface LeaveGuardProps {
  readonly isAsked: () => boolean
  /** A reload would lose something: the browser asks. */
  readonly losesSecrets: boolean
  /** The draft is there again for who comes back. */
  readonly keeps?: boolean
  readonly onDiscard?: () => void
}

/** Asks before work is left behind. */
export function LeaveGuard({ isAsked, losesSecrets, keeps = true, onDiscard }: LeaveGuardProps) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => isAsked() && current.pathname !== next.pathname,
    enableBeforeUnload: () => isAsked() && losesSecrets,
    withResolver: true,
  })
  if (status !== 'blocked') return null
  return (
    <Modal opened onClose={reset} title={keeps ? 'Leave the draft?' : 'Leave without applying?'}>
      <Stack>
        <Text size="sm">
          {keeps
            ? `It stays in this tab until you come back${losesSecrets ? ', without the values of its secrets' : ''}.`
            : 'What you changed is lost then.'}
        </Text>
        <Group justify="flex-end">
          {onDiscard !== undefined && (
            <Button
              variant="subtle"
              color="red"
              onClick={() => {
                onDiscard()
                proceed()
              }}
            >
              Discard it
            </Button>
          )}
          <Button variant="default" onClick={reset}>
            Stay
          </Button>
          <Button onClick={proceed} data-autofocus>
            Leave
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
