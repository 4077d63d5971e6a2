import { Button, Group, Text } from '@mantine/core'
import type { Approval } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { DataTable, type Column, type Selection } from '../../ui/data-table.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { StateBadge } from './state-badge.tsx'
import { whatOf } from './what-of.ts'

const columns: readonly Column<Approval>[] = [
  {
    id: 'what',
    title: 'What',
    cell: (approval) => (
      <Text size="sm" fw={600} lineClamp={2} className="foreign" title={whatOf(approval)}>
        {whatOf(approval)}
      </Text>
    ),
    sortValue: whatOf,
  },
  {
    id: 'peer',
    title: 'Peer',
    width: '120px',
    hideBelow: 'sm',
    cell: ({ peer }) => peer,
    sortValue: ({ peer }) => peer,
  },
  {
    id: 'since',
    title: 'Since',
    width: '120px',
    hideBelow: 'sm',
    cell: ({ since }) => <RelativeTime time={since} />,
    sortValue: ({ since }) => since,
  },
  {
    id: 'state',
    title: 'State',
    width: '30%',
    cell: (approval) => (
      <Group gap={8} wrap="nowrap">
        <StateBadge state={approval.state} />
        <Outcome approval={approval} />
      </Group>
    ),
    sortValue: ({ state }) => state,
  },
  {
    id: 'actions',
    title: 'Actions',
    hidesTitle: true,
    width: '96px',
    align: 'right',
    cell: (approval) => (
      <Button
        variant="light"
        aria-label={`Review ${whatOf(approval)}`}
        renderRoot={(props) => <Link to="/approvals" search={{ id: approval.id }} {...props} />}
      >
        Review
      </Button>
    ),
  },
]

interface ApprovalTableProps {
  readonly approvals: readonly Approval[]
  readonly selection: Selection | undefined
}

/** In the order of the agent: what waits first, then the oldest. */
export function ApprovalTable({ approvals, selection }: ApprovalTableProps) {
  return (
    <DataTable
      label="Approvals"
      rows={approvals}
      columns={columns}
      rowId={({ id }) => id}
      rowName={whatOf}
      {...(selection !== undefined && { selection })}
    />
  )
}

function Outcome({ approval: { by, note, expiresAt } }: { approval: Approval }) {
  if (by === undefined) return null
  return (
    <Text size="xs" c="dimmed" truncate>
      by {by}
      {expiresAt !== undefined && (
        <>
          , expires <RelativeTime time={expiresAt} />
        </>
      )}
      {note !== undefined && `: ${visibleText(note)}`}
    </Text>
  )
}
