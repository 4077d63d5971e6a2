import { Button, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Violation } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery, violationsQuery } from '../../api/queries.ts'
import { Card } from '../../ui/card.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { StopApp } from '../settings/stop-app.tsx'
import { visibleText } from '../../ui/visible-text.ts'

interface ViolationsProps {
  /** With what there is to say about it. */
  readonly onStopped: (outcome: string) => void
}

/** Rules that became stricter stop nothing by themselves: what breaks them is shown, and goes on until somebody stops it. */
export function Violations({ onStopped }: ViolationsProps) {
  const violations = useQuery(violationsQuery)
  const isAdmin = useQuery(sessionQuery).data?.role === 'admin'
  const [doomed, setDoomed] = useState<Violation>()
  if (violations.error !== null) return <ErrorAlert error={violations.error} />
  const items = violations.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Card title="Rules that running apps break">
      <Text>
        These apps came before the rules did, and would not be admitted now.
        {!isAdmin && ' Admins can stop them.'}
      </Text>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>App</Table.Th>
              <Table.Th>Peer</Table.Th>
              <Table.Th>Breaks</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((violation) => (
              <Table.Tr key={violation.uid}>
                <Table.Td fw={600}>{violation.app}</Table.Td>
                <Table.Td>{violation.peer}</Table.Td>
                <Table.Td>
                  {violation.objections.map(({ reason, message }) => (
                    <Text size="sm" key={reason + message} style={{ overflowWrap: 'anywhere' }}>
                      <strong>{reason}</strong>: {visibleText(message)}
                    </Text>
                  ))}
                </Table.Td>
                <Table.Td ta="right">
                  {isAdmin && (
                    <Button
                      size="xs"
                      variant="subtle"
                      color="red"
                      onClick={() => setDoomed(violation)}
                    >
                      Stop<VisuallyHidden> {violation.app}</VisuallyHidden>
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {doomed !== undefined && (
        <StopApp
          violation={doomed}
          onStopped={() => {
            onStopped(`Stopped: ${doomed.app} of peer ${doomed.peer}.`)
            setDoomed(undefined)
          }}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </Card>
  )
}
