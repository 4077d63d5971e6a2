import { Badge, Text } from '@mantine/core'
import { ActivityLogIcon } from '@radix-ui/react-icons'
import { endpoints, type AuditEntry, type RemoteApp } from '@porpulsion/contract'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

const auditOf = (about: string) =>
  queryOptions({
    queryKey: [...keys.audit, { about }],
    queryFn: ({ signal }) => call(endpoints.listAudit, { query: { about, limit: 200 }, signal }),
  })

/** Who did what to this app. */
export function AppAudit({ app: { metadata } }: { app: RemoteApp }) {
  const audit = useQuery(auditOf(`remoteapp/${metadata.namespace ?? ''},${metadata.name}`))
  return (
    <QueryState query={audit}>
      {({ items }) => (
        <DataTable
          label="Audit of this app"
          rows={items}
          columns={columns}
          rowId={(entry) => entry.id}
          empty={
            <EmptyState
              icon={<ActivityLogIcon width={28} height={28} />}
              title="Nobody did anything to it"
            >
              Changes made through the page, the API and the command line are listed here. Those of
              kubectl are in the audit log of Kubernetes.
            </EmptyState>
          }
        />
      )}
    </QueryState>
  )
}

const columns: readonly Column<AuditEntry>[] = [
  {
    id: 'action',
    title: 'Action',
    cell: (entry) => (
      <Text span size="sm" fw={500} className="foreign">
        {entry.action}
        {entry.count !== undefined && entry.count > 1 && ` × ${entry.count}`}
      </Text>
    ),
  },
  { id: 'actor', title: 'Who', cell: ({ actor }) => actor },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '160px',
    cell: ({ outcome, reason }) => (
      <Badge variant="light" color={outcome === 'done' ? 'gray' : 'red'} c="inherit" title={reason}>
        {outcome}
        {reason !== undefined && `: ${reason}`}
      </Badge>
    ),
  },
  { id: 'from', title: 'From', hideBelow: 'md', cell: ({ from }) => from ?? '–' },
  {
    id: 'time',
    title: 'When',
    width: '130px',
    cell: ({ time }) => <RelativeTime time={time} />,
    sortValue: ({ time }) => Date.parse(time),
  },
]
