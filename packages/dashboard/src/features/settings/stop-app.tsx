import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { endpoints, type Violation } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { curlOf } from '../../api/curl.ts'
import { keys } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'

interface StopAppProps {
  readonly violation: Violation
  readonly onStopped: () => void
  readonly onClose: () => void
}

/** Asked once more: what is stopped is not started again by a click. */
export function StopApp({ violation: { app, peer, uid }, onStopped, onClose }: StopAppProps) {
  const client = useQueryClient()
  const stop = useMutation({
    mutationFn: () => call(endpoints.stopViolations, { body: { apps: [uid] } }),
    onSuccess: async () => {
      onStopped()
      await client.invalidateQueries({ queryKey: keys.violations })
      await client.invalidateQueries({ queryKey: keys.settings })
    },
  })
  return (
    <Modal opened onClose={onClose} title={`Stop ${app} of ${peer}?`}>
      <Stack>
        <Text>
          Its pods here end. It runs again once the rules allow it, or {peer} sends one that keeps
          to them.
        </Text>
        {stop.error !== null && <ErrorAlert error={stop.error} />}
        <Group justify="flex-end">
          <div style={{ marginRight: 'auto' }}>
            {/* The CLI stops all that break a rule, never one of them. */}
            <CommandsButton
              what={`Stop ${app}`}
              commands={{ curl: curlOf(endpoints.stopViolations, { body: { apps: [uid] } }) }}
            />
          </div>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red.9" onClick={() => stop.mutate()} loading={stop.isPending}>
            Stop
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
