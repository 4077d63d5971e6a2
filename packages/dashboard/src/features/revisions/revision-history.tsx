import { Button, Group, Select, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core'
import type { AppRevision, RemoteApp } from '@porpulsion/contract'
import { ResetIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { CodeDiff } from '../../ui/code-editor/code-editor.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { maskedManifest } from '../apps/app-manifest.ts'
import { changesIn, comparedWith, revisionName } from './compare-revisions.ts'
import { currentOf, revisionsQuery } from './queries.ts'
import { ReviewRollback } from './review-rollback.tsx'
import classes from './revisions.module.css'

/** The last ten specs: who made each, when, what changed, and the way back. */
export function RevisionHistory({ app }: { app: RemoteApp }) {
  const revisions = useQuery(revisionsQuery(app))
  return (
    <Card title="History">
      <QueryState query={revisions}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nothing is kept of this app yet.
            </Text>
          ) : (
            <Revisions app={app} revisions={items} />
          )
        }
      </QueryState>
    </Card>
  )
}

function Revisions({ app, revisions }: { app: RemoteApp; revisions: readonly AppRevision[] }) {
  const [shown, setShown] = useState<number>()
  const [goingTo, setGoingTo] = useState<number>()
  const target = revisions.find(({ revision }) => revision === goingTo)
  return (
    <>
      <ol className={classes['list']} aria-label="Revisions, newest first">
        {revisions.map((revision) => (
          <Row
            key={revision.revision}
            app={app}
            revision={revision}
            revisions={revisions}
            isOpen={shown === revision.revision}
            onToggle={() => setShown(shown === revision.revision ? undefined : revision.revision)}
            onRollBack={() => setGoingTo(revision.revision)}
          />
        ))}
      </ol>
      {target !== undefined && (
        <ReviewRollback
          app={app}
          from={currentOf(revisions)}
          to={target}
          onClose={() => setGoingTo(undefined)}
        />
      )}
    </>
  )
}

interface RowProps {
  readonly app: RemoteApp
  readonly revision: AppRevision
  readonly revisions: readonly AppRevision[]
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onRollBack: () => void
}

function Row({ app, revision, revisions, isOpen, onToggle, onRollBack }: RowProps) {
  const may = useMay('operator')
  const isGoing = app.metadata.deletionTimestamp !== undefined
  return (
    <li className={classes['row']}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <UnstyledButton className={classes['open']} aria-expanded={isOpen} onClick={onToggle}>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" fw={600} className="tabular" style={{ whiteSpace: 'nowrap' }}>
              Revision {revision.revision}
            </Text>
            {revision.isCurrent && <StateLabel tone="good" label="Current" />}
            <Text size="sm" c="dimmed" className="foreign" lineClamp={1}>
              {changesIn(revision)}
            </Text>
          </Group>
        </UnstyledButton>
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed" className="foreign" ta="right" visibleFrom="sm">
            {revision.by ?? 'unknown'}, <RelativeTime time={revision.time} />
          </Text>
          {!revision.isCurrent && (
            <Tooltip label="Viewers may look, and not roll back" disabled={may}>
              <Button
                variant="default"
                leftSection={<ResetIcon />}
                aria-label={`Roll back to revision ${revision.revision}`}
                disabled={!may || isGoing}
                onClick={onRollBack}
              >
                Roll back
              </Button>
            </Tooltip>
          )}
        </Group>
      </Group>
      {isOpen && <Compared app={app} revision={revision} revisions={revisions} />}
    </li>
  )
}

function Compared({ app, revision, revisions }: Pick<RowProps, 'app' | 'revision' | 'revisions'>) {
  const [chosen, setChosen] = useState<string | null>(null)
  const other = comparedWith(revisions, revision, chosen === null ? undefined : Number(chosen))
  const others = revisions.filter((one) => one !== revision)
  if (other === undefined)
    return (
      <Text size="sm" c="dimmed" mt="xs">
        There is nothing kept to compare it with.
      </Text>
    )
  return (
    <Stack gap="xs" mt="xs">
      <Select
        label="Compare with"
        size="xs"
        maw={260}
        allowDeselect={false}
        data={others.map((one) => ({ value: String(one.revision), label: revisionName(one) }))}
        value={String(other.revision)}
        onChange={setChosen}
      />
      <CodeDiff
        label={`From revision ${other.revision} to revision ${revision.revision}`}
        before={maskedManifest(app, other.spec)}
        after={maskedManifest(app, revision.spec)}
      />
    </Stack>
  )
}
