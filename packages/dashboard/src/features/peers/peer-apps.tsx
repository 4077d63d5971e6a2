import { Anchor, SimpleGrid, Text } from '@mantine/core'
import type { AppPhase } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, type ReactNode } from 'react'
import { executingAppsQuery, remoteAppsQuery } from '../../api/queries.ts'
import { Card } from '../../ui/card.tsx'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { PhaseBadge, phaseLabel } from '../../ui/phase-badge.tsx'
import { fingerprintOf } from './link-words.ts'
import type { PeerRow } from './peer-rows.ts'

interface AppLine {
  readonly id: string
  readonly to: '/workloads/$namespace/$name' | '/hosted/$namespace/$name'
  readonly namespace: string
  /** Of the object. */
  readonly name: string
  /** As its submitter calls it. */
  readonly title: string
  readonly phase: AppPhase
  readonly message: string | undefined
  readonly ready: string
}

/** Both ways. */
export function PeerApps({ row }: { row: PeerRow }) {
  const there = useSubmitted(row)
  const here = useHosted(row)
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <AppsCard
        title={`Ours at ${row.name}`}
        lines={there}
        all={
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/workloads"
                search={{ view: 'submitted' as const, peer: row.name }}
                {...props}
              />
            )}
          >
            All
          </Anchor>
        }
        empty={`Nothing of ours runs at ${row.name}.`}
      />
      <AppsCard
        title="Its apps here"
        lines={here}
        all={
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/workloads"
                search={{ view: 'executing' as const, peer: row.name }}
                {...props}
              />
            )}
          >
            All
          </Anchor>
        }
        empty={`${row.name} runs nothing here.`}
      />
    </SimpleGrid>
  )
}

/** More are a matter of the page that is made for them. */
const SHOWN_APPS = 20

interface AppsCardProps {
  readonly title: string
  readonly lines: readonly AppLine[]
  readonly all: ReactNode
  readonly empty: string
}

function AppsCard({ title, lines, all, empty }: AppsCardProps) {
  const shown = useMemo(() => lines.slice(0, SHOWN_APPS), [lines])
  return (
    <Card title={`${title} (${lines.length})`} actions={lines.length > 0 && all}>
      <DataTable
        label={title}
        rows={shown}
        columns={columns}
        rowId={idOf}
        empty={
          <Text size="sm" c="dimmed">
            {empty}
          </Text>
        }
      />
      {lines.length > SHOWN_APPS && (
        <Text size="sm" c="dimmed">
          And {lines.length - SHOWN_APPS} more.
        </Text>
      )}
    </Card>
  )
}

const idOf = ({ id }: AppLine): string => id

const columns: readonly Column<AppLine>[] = [
  {
    id: 'name',
    title: 'App',
    sortValue: ({ title }) => title,
    cell: ({ to, namespace, name, title }) => (
      <Anchor
        size="sm"
        fw={600}
        c="var(--mantine-color-text)"
        className="foreign"
        renderRoot={(props) => <Link to={to} params={{ namespace, name }} {...props} />}
      >
        {title}
      </Anchor>
    ),
  },
  {
    id: 'phase',
    title: 'Phase',
    width: '160px',
    sortValue: ({ phase }) => phaseLabel(phase),
    cell: ({ phase, message }) => (
      <PhaseBadge phase={phase} {...(message !== undefined && { message })} />
    ),
  },
  { id: 'ready', title: 'Ready', width: '70px', align: 'right', cell: ({ ready }) => ready },
]

function useSubmitted({ name }: PeerRow): readonly AppLine[] {
  const apps = useQuery(remoteAppsQuery).data?.items
  return useMemo(
    () =>
      (apps ?? [])
        .filter(({ spec }) => spec.targetPeer === name)
        .map(({ metadata, spec, status }) => ({
          id: metadata.uid ?? metadata.name,
          to: '/workloads/$namespace/$name' as const,
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          title: metadata.name,
          phase: status?.phase ?? 'Pending',
          message: status?.message,
          ready: `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
        })),
    [apps, name],
  )
}

function useHosted({ peer }: PeerRow): readonly AppLine[] {
  const apps = useQuery(executingAppsQuery).data?.items
  const fingerprint = fingerprintOf(peer)
  return useMemo(
    () =>
      (apps ?? [])
        .filter(({ spec }) => spec.peer.fingerprint === fingerprint)
        .map(({ metadata, spec, status }) => ({
          id: metadata.uid ?? metadata.name,
          to: '/hosted/$namespace/$name' as const,
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          title: spec.submitter.name,
          phase: status?.phase ?? 'Pending',
          message: status?.message,
          ready: `${status?.readyReplicas ?? 0}/${spec.app.replicas ?? 1}`,
        })),
    [apps, fingerprint],
  )
}
