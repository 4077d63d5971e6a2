import { Badge, Button, Code, Group, Text } from '@mantine/core'
import { LockClosedIcon, Pencil1Icon, TrashIcon } from '@radix-ui/react-icons'
import type { RemoteApp } from '@porpulsion/contract'
import { useState } from 'react'
import { Card } from '../../ui/card.tsx'
import { bytes } from '../../ui/amounts.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import classes from './apps.module.css'
import { previewOf, type FilesKind } from './config-patch.ts'
import type { EditedFile } from './edit-file.tsx'
import { RemoveFile } from './remove-file.tsx'

interface FileSetProps {
  readonly app: RemoteApp
  readonly kind: FilesKind
  readonly name: string
  readonly mountPath: string
  /** `content`: nothing where it is not shown. */
  readonly files: readonly { readonly key: string; readonly content: string | undefined }[]
  /** A Secret of this cluster that has the files instead. */
  readonly fromSecret?: string | undefined
  readonly mayChange: boolean
  readonly onEdit: (edited: EditedFile) => void
}

const noun = { configMaps: 'ConfigMap', secrets: 'Secret' } as const

/** The files of one configMap or secret. */
export function FileSet(props: FileSetProps) {
  const { app, kind, name, mountPath, files, fromSecret, mayChange, onEdit } = props
  const [removed, setRemoved] = useState<{ key?: string }>()
  return (
    <Card
      title={name}
      label={`${noun[kind]} ${name}`}
      actions={
        <>
          <Badge
            variant="light"
            color="gray"
            c="inherit"
            leftSection={kind === 'secrets' ? <LockClosedIcon width={11} /> : undefined}
          >
            {noun[kind]}
          </Badge>
          {mayChange && (
            <>
              {fromSecret === undefined && (
                <Button
                  variant="subtle"
                  color="gray"
                  aria-label={`Add a file to ${name}`}
                  onClick={() => onEdit({ isNew: true, kind, name })}
                >
                  Add
                </Button>
              )}
              <Button
                variant="subtle"
                color="red"
                aria-label={`Remove ${name}`}
                onClick={() => setRemoved({})}
              >
                Remove
              </Button>
            </>
          )}
        </>
      }
    >
      <Text size="xs" c="dimmed">
        in <Code>{mountPath}</Code>
        {fromSecret !== undefined && (
          <>
            , from the Secret <Code>{fromSecret}</Code> in {app.metadata.namespace}
          </>
        )}
      </Text>
      <div className={classes['rows']}>
        {files.map(({ key, content }) => (
          <Group key={key} className={classes['row'] ?? ''} wrap="nowrap" gap="md">
            <Text size="sm" fw={500} w="30%" className="foreign">
              {key}
            </Text>
            <Text size="sm" ff="monospace" c="dimmed" truncate flex={1}>
              {content === undefined ? '••••••' : previewOf(content)}
            </Text>
            {content !== undefined && (
              <>
                <Text size="xs" c="dimmed" className="tabular" visibleFrom="sm">
                  {bytes(new TextEncoder().encode(content).length)}
                </Text>
                <CopyButton value={content} what={key} />
              </>
            )}
            {mayChange && (
              <Group gap={0} wrap="nowrap">
                <Button
                  variant="subtle"
                  color="gray"
                  px={8}
                  aria-label={`Edit ${name}/${key}`}
                  onClick={() => onEdit({ isNew: false, kind, name, key, content })}
                >
                  <Pencil1Icon />
                </Button>
                <Button
                  variant="subtle"
                  color="gray"
                  px={8}
                  aria-label={`Remove ${name}/${key}`}
                  onClick={() => setRemoved({ key })}
                >
                  <TrashIcon />
                </Button>
              </Group>
            )}
          </Group>
        ))}
      </div>
      {removed !== undefined && (
        <RemoveFile
          app={app}
          kind={kind}
          name={name}
          fileKey={removed.key}
          content={files.find(({ key }) => key === removed.key)?.content}
          onClose={() => setRemoved(undefined)}
        />
      )}
    </Card>
  )
}
