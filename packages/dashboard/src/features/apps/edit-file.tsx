import {
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { AppConfig, RemoteApp } from '@porpulsion/contract'
import { useState } from 'react'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { contentOf, filePatch, type FilesKind } from './config-patch.ts'
import { usePatchConfig } from './use-patch-config.ts'

/** A file there is, or one that is to be. */
export type EditedFile =
  | { readonly isNew: true; readonly kind?: FilesKind; readonly name?: string }
  | {
      readonly isNew: false
      readonly kind: FilesKind
      readonly name: string
      readonly key: string
      /** Nothing where it is not shown: what is written then takes its place unseen. */
      readonly content: string | undefined
    }

interface EditFileProps {
  readonly app: RemoteApp
  readonly config: AppConfig
  readonly edited: EditedFile
  readonly onClose: () => void
}

export function EditFile({ app, config, edited, onClose }: EditFileProps) {
  const [kind, setKind] = useState<FilesKind>(edited.kind ?? 'configMaps')
  const [name, setName] = useState(edited.name ?? '')
  const [mountPath, setMountPath] = useState('')
  const [key, setKey] = useState(edited.isNew ? '' : edited.key)
  const [content, setContent] = useState(edited.isNew ? '' : (edited.content ?? ''))
  const change = usePatchConfig(app)
  const isNewSet = !config[kind].some((set) => set.name === name)
  const place = { kind, name, key }
  const before = contentOf(config, place)
  const title = edited.isNew ? 'Add a file' : `${edited.name}/${edited.key}`
  const isHidden = !edited.isNew && edited.content === undefined

  const save = (): void =>
    change.mutate(
      {
        patch: filePatch(place, content, {
          generation: app.metadata.generation,
          ...(isNewSet && { mountPath }),
        }),
        text: `${edited.isNew ? 'Added' : 'Changed'} ${name}/${key}`,
        ...(before !== undefined && { undo: filePatch(place, before) }),
      },
      { onSuccess: onClose },
    )

  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack gap="sm">
          {edited.isNew && edited.name === undefined && (
            <>
              <SegmentedControl
                aria-label="Kept as"
                value={kind}
                onChange={setKind}
                data={[
                  { value: 'configMaps', label: 'ConfigMap' },
                  { value: 'secrets', label: 'Secret' },
                ]}
              />
              <TextInput
                label={kind === 'secrets' ? 'Secret' : 'ConfigMap'}
                description="One there is, or a new name"
                required
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                data-autofocus
              />
              {isNewSet && (
                <TextInput
                  label="Directory"
                  description="Where its files appear in the container"
                  placeholder="/etc/app"
                  required
                  value={mountPath}
                  onChange={(event) => setMountPath(event.currentTarget.value)}
                />
              )}
            </>
          )}
          {edited.isNew && (
            <TextInput
              label="File name"
              required
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
          )}
          <Textarea
            label="Content"
            {...(isHidden && {
              description: 'What it says now is not shown; what you write takes its place.',
            })}
            autosize
            minRows={6}
            maxRows={20}
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={content}
            onChange={(event) => setContent(event.currentTarget.value)}
            {...(!edited.isNew && { 'data-autofocus': true })}
          />
          {change.error !== null && <ErrorAlert error={change.error} />}
          <Group justify="space-between">
            <Text size="xs" c="dimmed">
              The pods are replaced, one after the other.
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={change.isPending}>
                Save
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
