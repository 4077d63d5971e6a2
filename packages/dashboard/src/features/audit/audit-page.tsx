import { Anchor, Button, Group, Menu, Stack, Text, UnstyledButton } from '@mantine/core'
import { endpoints, type AuditEntry } from '@porpulsion/contract'
import { ActivityLogIcon, DownloadIcon } from '@radix-ui/react-icons'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { downloadText } from '../../ui/download-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState, SkeletonLines } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { inWords } from '../activity/activity.ts'
import { About } from './about.tsx'
import { AuditDetails } from './audit-details.tsx'
import {
  auditQuery,
  FIRST_LIMIT,
  MAX_LIMIT,
  nextLimit,
  type AuditFilters,
} from './audit-filters.ts'
import { auditCsv, auditNdjson } from './audit-text.ts'
import { FilterBar } from './filter-bar.tsx'
import { OutcomeLabel } from './outcome-label.tsx'

const columns: readonly Column<AuditEntry>[] = [
  {
    id: 'action',
    title: 'What',
    cell: (entry) => <Action entry={entry} />,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '110px',
    cell: (entry) => <OutcomeLabel entry={entry} />,
  },
  {
    id: 'actor',
    title: 'Who',
    width: '150px',
    hideBelow: 'sm',
    cell: ({ actor }) => <Words text={actor} />,
  },
  {
    id: 'about',
    title: 'About',
    hideBelow: 'md',
    cell: ({ about }) =>
      about !== undefined && (
        <Text size="sm" truncate>
          <About about={about} />
        </Text>
      ),
  },
  {
    id: 'from',
    title: 'From',
    width: '130px',
    hideBelow: 'lg',
    cell: ({ from }) => from !== undefined && <Words text={from} />,
  },
  {
    id: 'time',
    title: 'When',
    width: '112px',
    align: 'right',
    cell: ({ time }) => <RelativeTime time={time} />,
  },
]

/** Who did what, newest first, as it happens. */
export function AuditPage() {
  const isAdmin = useMay('admin')
  return (
    <Page
      title="Audit"
      description="Who did what, from where, and how it ended: people, tokens, peers and the agent itself. Never what was in a request."
    >
      {isAdmin ? <Trail /> : <Text>The audit trail is for admins.</Text>}
    </Page>
  )
}

function Trail() {
  const filters = useSearch({ from: '/audit' })
  const navigate = useNavigate()
  const [limit, setLimit] = useState(FIRST_LIMIT)
  const query = auditQuery(filters, limit)
  const audit = useQuery({
    queryKey: [...keys.audit, query],
    queryFn: ({ signal }) => call(endpoints.listAudit, { query, signal }),
    placeholderData: keepPreviousData,
  })
  const items = audit.data?.items ?? []
  const filter = (next: AuditFilters): void => {
    setLimit(FIRST_LIMIT)
    void navigate({ to: '/audit', search: next })
  }
  return (
    <Stack>
      <Group justify="space-between" gap="xs">
        <FilterBar filters={filters} items={items} onChange={filter} />
        <Download items={items} />
      </Group>
      <QueryState query={audit} skeleton={<SkeletonLines count={12} />}>
        {() => (
          <>
            <DataTable
              label="Audit trail"
              rows={items}
              columns={columns}
              rowId={({ id }) => id}
              empty={<Nothing isFiltered={Object.keys(filters).length > 0} />}
            />
            <More
              count={items.length}
              limit={limit}
              isLoading={audit.isPlaceholderData}
              onMore={() => setLimit(nextLimit(limit))}
            />
          </>
        )}
      </QueryState>
    </Stack>
  )
}

/** The name of the operation, which opens all that is known of it. */
function Action({ entry }: { entry: AuditEntry }) {
  const [isOpen, setIsOpen] = useState(false)
  const { action, count = 1, changes } = entry
  return (
    <>
      <UnstyledButton onClick={() => setIsOpen(true)} maw="100%" display="block">
        <Anchor component="span" size="sm" fw={500} c="inherit" truncate display="block">
          {inWords(visibleText(action))}
          {count > 1 && ` · ${count} times`}
          {changes !== undefined && changes.length > 0 && (
            <Text span inherit c="dimmed" fw={400}>
              {' '}
              {visibleText(changes.join(', '))}
            </Text>
          )}
        </Anchor>
      </UnstyledButton>
      {isOpen && <AuditDetails entry={entry} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function Words({ text }: { text: string }) {
  return (
    <Text size="sm" truncate>
      {visibleText(text)}
    </Text>
  )
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return (
    <EmptyState icon={<ActivityLogIcon width={28} height={28} />} title="No entries">
      {isFiltered
        ? 'Nothing in the trail matches these filters.'
        : 'Whatever somebody changes from now on stands here.'}
    </EmptyState>
  )
}

function Download({ items }: { items: readonly AuditEntry[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<DownloadIcon />}
          disabled={items.length === 0}
          aria-label="Download what is shown"
        >
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{items.length} entries, as they are shown</Menu.Label>
        <Menu.Item onClick={() => downloadText('audit.ndjson', auditNdjson(items))}>
          NDJSON, one entry a line
        </Menu.Item>
        <Menu.Item onClick={() => downloadText('audit.csv', auditCsv(items))}>
          CSV, for a spreadsheet
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface MoreProps {
  readonly count: number
  readonly limit: number
  readonly isLoading: boolean
  readonly onMore: () => void
}

function More({ count, limit, isLoading, onMore }: MoreProps) {
  if (count < limit && !isLoading) return null
  if (limit >= MAX_LIMIT)
    return (
      <Text size="sm" c="dimmed">
        The newest {MAX_LIMIT} are shown. Narrow them down, or look in the audit log of the agent.
      </Text>
    )
  return (
    <Group justify="center">
      <Button variant="default" onClick={onMore} loading={isLoading}>
        Load more
      </Button>
    </Group>
  )
}
