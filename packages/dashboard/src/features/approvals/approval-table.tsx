import { Button, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Approval } from '@porpulsion/contract'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateBadge } from './state-badge.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { whatOf } from './what-of.ts'

interface ApprovalTableProps {
  readonly approvals: readonly Approval[]
  readonly onReview: (approval: Approval) => void
}

/** In the order of the agent: what waits first, then the oldest. */
export function ApprovalTable({ approvals, onReview }: ApprovalTableProps) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Peer</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {approvals.map((approval) => (
            <Table.Tr key={approval.id}>
              <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
                {whatOf(approval)}
              </Table.Td>
              <Table.Td>{approval.peer}</Table.Td>
              <Table.Td>
                <RelativeTime time={approval.since} />
              </Table.Td>
              <Table.Td>
                <StateBadge state={approval.state} />
                <Outcome approval={approval} />
              </Table.Td>
              <Table.Td ta="right">
                <Button size="xs" variant="light" onClick={() => onReview(approval)}>
                  Review<VisuallyHidden> {whatOf(approval)}</VisuallyHidden>
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Outcome({ approval: { by, note, expiresAt } }: { approval: Approval }) {
  if (by === undefined) return null
  return (
    <Text size="xs" c="dimmed" maw={320} lineClamp={2}>
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
