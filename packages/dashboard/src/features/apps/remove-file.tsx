import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { filePatch, removeSetPatch, type FilesKind } from './config-patch.ts'
import { usePatchConfig } from './use-patch-config.ts'

interface RemoveFileProps {
  readonly app: RemoteApp
  readonly kind: FilesKind
  readonly name: string
  /** Nothing: all of them. */
  readonly fileKey: string | undefined
  readonly content: string | undefined
  readonly onClose: () => void
}

/** Asks first: what a secret said is not known here, and cannot be put back. */
export function RemoveFile({ app, kind, name, fileKey, content, onClose }: RemoveFileProps) {
  const change = usePatchConfig(app)
  const { generation } = app.metadata
  const what = fileKey === undefined ? name : `${name}/${fileKey}`
  const remove = (): void => {
    const place = { kind, name, key: fileKey ?? '' }
    change.mutate(
      {
        patch:
          fileKey === undefined
            ? removeSetPatch(kind, name, generation)
            : filePatch(place, null, { generation }),
        text: `Removed ${what}`,
        ...(fileKey !== undefined && content !== undefined && { undo: filePatch(place, content) }),
      },
      { onSuccess: onClose },
    )
  }
  return (
    <Modal opened onClose={onClose} title={`Remove ${what}?`}>
      <Stack>
        <Text size="sm">
          {fileKey === undefined
            ? 'All its files go from the pods, which are replaced one after the other.'
            : 'The file goes from the pods, which are replaced one after the other.'}
        </Text>
        {change.error !== null && <ErrorAlert error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" onClick={remove} loading={change.isPending}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
