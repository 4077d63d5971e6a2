import { Alert, Button, Checkbox, Group, List, Modal, Stack, Text } from '@mantine/core'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useFreshness } from './app-state.tsx'
import { remainsOf, retainedBy } from './notice.ts'

interface DeleteAppProps {
  readonly app: RemoteApp
  readonly onClose: () => void
}

/** Says what goes with the app and what stays; where the peer is away, whether to wait for it. */
export function DeleteApp({ app, onClose }: DeleteAppProps) {
  const { name } = app.metadata
  const peer = app.spec.targetPeer
  const isAway = useFreshness(app).kind === 'stale' || app.status?.deletion !== undefined
  const isDeleting = app.metadata.deletionTimestamp !== undefined
  const [force, setForce] = useState(isDeleting)
  const toast = useToast()
  const remove = useMutation({
    mutationFn: () =>
      call(endpoints.deleteRemoteApp, {
        params: { id: appId(app) },
        query: isAway && force ? { force } : {},
      }),
    onSuccess: () => {
      toast({ text: isAway && !force ? `${name} goes when ${peer} is back` : `Deleting ${name}` })
      onClose()
    },
  })
  const stays = retainedBy(app)
  return (
    <Modal opened onClose={onClose} title={`Delete ${name}?`}>
      <Stack gap="sm">
        <Text size="sm">At {peer} these go with it:</Text>
        <List size="sm">
          {remainsOf(app).map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
        {stays.length > 0 && (
          <Text size="sm">Kept there, as the spec says: {stays.join(', ')}.</Text>
        )}
        {isAway && (
          <Alert variant="default" title={`${peer} is away`}>
            <Stack gap="xs">
              <Text size="sm">
                The app stays listed as Deleting until {peer} is back and has removed it.
              </Text>
              <Checkbox
                label={`Do not wait for ${peer}`}
                description={`It goes from here now; ${peer} cleans up when it is back. Until then it may go on running there, unseen.`}
                checked={force}
                onChange={(event) => setForce(event.currentTarget.checked)}
              />
            </Stack>
          </Alert>
        )}
        {remove.error !== null && <ErrorAlert error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red.9"
            onClick={() => remove.mutate()}
            loading={remove.isPending}
            disabled={isDeleting && !force}
          >
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
