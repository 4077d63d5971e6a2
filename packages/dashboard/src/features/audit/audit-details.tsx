import { Code, Group, Modal, Stack, Table, Text } from '@mantine/core'
import type { AuditEntry } from '@porpulsion/contract'
import type { ReactNode } from 'react'
import { visibleText } from '../../ui/visible-text.ts'
import { About } from './about.tsx'
import { OutcomeLabel } from './outcome-label.tsx'

/** All that is known of it. */
export function AuditDetails({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { time, actor, action, about, peer, reason, from, count, changes } = entry
  return (
    <Modal opened onClose={onClose} title={action} size="lg">
      <Stack>
        <Table variant="vertical" layout="fixed">
          <Table.Tbody>
            <Fact name="When">
              {new Date(time).toLocaleString()} <Code>{time}</Code>
            </Fact>
            <Fact name="Who">{visibleText(actor)}</Fact>
            <Fact name="Outcome">
              <Group gap="xs">
                <OutcomeLabel entry={entry} />
                {reason !== undefined && <Code>{visibleText(reason)}</Code>}
              </Group>
            </Fact>
            {about !== undefined && (
              <Fact name="About">
                <About about={about} />
              </Fact>
            )}
            {peer !== undefined && <Fact name="Peer">{visibleText(peer)}</Fact>}
            {from !== undefined && <Fact name="From">{visibleText(from)}</Fact>}
            {count !== undefined && <Fact name="Times">{count}</Fact>}
          </Table.Tbody>
        </Table>
        {changes !== undefined && changes.length > 0 && (
          <div>
            <Text fw={600} mb={4}>
              What changed
            </Text>
            <Stack component="ul" gap={2} m={0} pl="md">
              {changes.map((path) => (
                <li key={path}>
                  <Code>{visibleText(path)}</Code>
                </li>
              ))}
            </Stack>
          </div>
        )}
      </Stack>
    </Modal>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={110}>
        {name}
      </Table.Th>
      <Table.Td className="foreign">{children}</Table.Td>
    </Table.Tr>
  )
}
