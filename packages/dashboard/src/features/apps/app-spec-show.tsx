import { Button, Group, Stack, Tooltip } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { CopyIcon, Pencil1Icon } from '@radix-ui/react-icons'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { CodeEditor } from '../../ui/code-editor/code-editor.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { manifestSchema } from '../deploy/form-schema.ts'
import { RevisionHistory } from '../revisions/revision-history.tsx'
import { maskedManifest } from './app-manifest.ts'

/** The manifest as it is, and as it was. */
export function ShowSpec({ app, onEdit }: { app: RemoteApp; onEdit: () => void }) {
  const { metadata, spec } = app
  const may = useMay('operator')
  // By content: its status changes all the time, and is not in it.
  const text = useMemo(() => maskedManifest(app), [JSON.stringify([metadata.name, spec])])
  const isGoing = metadata.deletionTimestamp !== undefined
  const id = `${metadata.namespace ?? ''},${metadata.name}`
  return (
    <Stack gap="md">
      <Card
        title="Manifest"
        actions={
          <Group gap="xs">
            <CopyButton value={text} what="the manifest" />
            <CommandsButton what="Read it" commands={readCommands(metadata)} />
            <Button
              variant="default"
              leftSection={<CopyIcon />}
              renderRoot={(props) => <Link to="/deploy" search={{ copy: id }} {...props} />}
            >
              Deploy a copy
            </Button>
            <Tooltip
              label={may ? 'It is being deleted' : 'Viewers may look, and not edit'}
              disabled={may && !isGoing}
            >
              <Button leftSection={<Pencil1Icon />} disabled={!may || isGoing} onClick={onEdit}>
                Edit
              </Button>
            </Tooltip>
          </Group>
        }
      >
        <CodeEditor label="Manifest" value={text} schema={manifestSchema} />
      </Card>
      <RevisionHistory app={app} />
    </Stack>
  )
}

function readCommands({ name, namespace = 'default' }: RemoteApp['metadata']): {
  cli: string
  kubectl: string
} {
  return {
    cli: `porpulsion app get ${name} -n ${namespace} -o yaml`,
    kubectl: `kubectl get remoteapp ${name} -n ${namespace} -o yaml`,
  }
}
