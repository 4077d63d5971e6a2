import { Button, Group, Paper, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { useState } from 'react'
import classes from './apps.module.css'
import { BulkDialog, type BulkKind } from './bulk-dialog.tsx'

interface BulkActionsProps {
  readonly apps: readonly RemoteApp[]
  readonly onClear: () => void
}

/** What can be done to all apps that are chosen. */
export function BulkActions({ apps, onClear }: BulkActionsProps) {
  // The apps as they were when it was asked for: the list goes on changing.
  const [asked, setAsked] = useState<{ kind: BulkKind; apps: readonly RemoteApp[] }>()
  const ask = (kind: BulkKind) => () => setAsked({ kind, apps })
  return (
    <>
      <Paper className={classes['bar'] ?? ''} p={6} pl="md" role="region" aria-label="Chosen apps">
        <Group gap="xs">
          <Text span size="sm" fw={600} className="tabular" role="status" mr="xs">
            {apps.length} chosen
          </Text>
          <Button variant="default" onClick={ask('restart')}>
            Restart
          </Button>
          <Button variant="default" onClick={ask('scale')}>
            Scale
          </Button>
          <Button variant="light" color="red" onClick={ask('delete')}>
            Delete
          </Button>
          <Button variant="subtle" color="gray" onClick={onClear}>
            Clear
          </Button>
        </Group>
      </Paper>
      {asked !== undefined && (
        <BulkDialog
          kind={asked.kind}
          apps={asked.apps}
          onClose={(isDone) => {
            setAsked(undefined)
            if (isDone) onClear()
          }}
        />
      )}
    </>
  )
}
