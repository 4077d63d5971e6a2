import { Anchor, Table, Text } from '@mantine/core'
import type { AppPhase } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { PhaseBadge } from '../../ui/phase-badge.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

export interface AppRow {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly peer: string
  readonly image: string
  readonly wanted: number
  readonly status:
    | { readonly phase: AppPhase; readonly readyReplicas: number; readonly message?: string }
    | undefined
  readonly since: string | undefined
  /** Has a page of its own. */
  readonly linked: boolean
}

export function AppTable({ rows }: { rows: readonly AppRow[] }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Phase</Table.Th>
            <Table.Th>Ready</Table.Th>
            <Table.Th>Peer</Table.Th>
            <Table.Th>Image</Table.Th>
            <Table.Th>Updated</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.uid}>
              <Table.Td>
                <AppName row={row} />
              </Table.Td>
              <Table.Td>
                <PhaseBadge
                  {...(row.status !== undefined && { phase: row.status.phase })}
                  {...(row.status?.message !== undefined && { message: row.status.message })}
                />
                {row.status?.message !== undefined && row.status.phase !== 'Ready' && (
                  <Text size="xs" c="dimmed" maw={360} lineClamp={2}>
                    {row.status.message}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                {row.status?.readyReplicas ?? 0}/{row.wanted}
              </Table.Td>
              <Table.Td>{row.peer}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.image}</Table.Td>
              <Table.Td>
                {row.since === undefined ? '–' : <RelativeTime time={row.since} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function AppName({ row }: { row: AppRow }) {
  return (
    <>
      {row.linked ? (
        <Anchor
          fw={600}
          renderRoot={(props) => (
            <Link
              to="/workloads/$namespace/$name"
              params={{ namespace: row.namespace, name: row.name }}
              {...props}
            />
          )}
        >
          {row.name}
        </Anchor>
      ) : (
        <Text fw={600}>{row.name}</Text>
      )}
      <Text size="xs" c="dimmed">
        {row.namespace}
      </Text>
    </>
  )
}
