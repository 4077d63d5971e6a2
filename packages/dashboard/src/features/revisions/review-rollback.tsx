import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { AppRevision, RemoteApp } from '@porpulsion/contract'
import { CodeDiff } from '../../ui/code-editor/code-editor.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { maskedManifest } from '../apps/app-manifest.ts'
import { rollbackCommands } from '../deploy/manifest-commands.ts'
import { useRollback } from './use-rollback.ts'

interface ReviewRollbackProps {
  readonly app: RemoteApp
  readonly from: AppRevision | undefined
  readonly to: AppRevision
  readonly onClose: () => void
}

/** What going back would change, before it does. */
export function ReviewRollback({ app, from, to, onClose }: ReviewRollbackProps) {
  const { rollBack, isPending, error } = useRollback(app, onClose)
  const { name, namespace } = app.metadata
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={`Roll ${name} back to revision ${to.revision}?`}
    >
      <Stack>
        <Text size="sm">
          Its spec of then becomes the newest one, with the values its secrets had.{' '}
          {app.spec.targetPeer} judges it like any change.
        </Text>
        <CodeDiff
          label="What would change"
          before={maskedManifest(app, from?.spec)}
          after={maskedManifest(app, to.spec)}
        />
        {error !== null && <ErrorAlert error={error} />}
        <Group justify="flex-end">
          <CommandsButton
            what="Roll it back"
            commands={rollbackCommands(
              { name, ...(namespace !== undefined && { namespace }) },
              to.revision,
            )}
          />
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={isPending} onClick={() => rollBack(to.revision)}>
            Roll back
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
