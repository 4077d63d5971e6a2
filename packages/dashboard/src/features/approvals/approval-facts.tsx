import { Stack, Table, Text } from '@mantine/core'
import type { Approval, ApprovalDetail } from '@porpulsion/contract'
import type { ReactNode } from 'react'
import { toYaml } from '../../api/manifest-yaml.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Differences } from './differences.tsx'
import { StateBadge } from './state-badge.tsx'
import { visibleText } from '../../ui/visible-text.ts'

/** Who asks, since when, and what was said to it. */
export function ApprovalFacts({ approval }: { approval: Approval }) {
  const { peer, app, state, since, by, note, expiresAt } = approval
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        <Fact name="Peer">{peer}</Fact>
        <Fact name="App there">
          {app.namespace}/{app.name}
        </Fact>
        <Fact name="Asked">
          <RelativeTime time={since} />
        </Fact>
        <Fact name="State">
          <StateBadge state={state} />
          {by !== undefined && ` by ${by}`}
        </Fact>
        {note !== undefined && <Fact name="Note">{visibleText(note)}</Fact>}
        {expiresAt !== undefined && (
          <Fact name="Until">
            <RelativeTime time={expiresAt} />
          </Fact>
        )}
      </Table.Tbody>
    </Table>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={120}>
        {name}
      </Table.Th>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td>
    </Table.Tr>
  )
}

/** What would be allowed: field by field against what runs now, and as a whole. */
export function ApprovalContent({ detail }: { detail: ApprovalDetail }) {
  const { kind, peer, app, port, isUpdate, differences, spec } = detail
  if (kind === 'Tunnel')
    return (
      <Text>
        Whoever {peer} lets through may reach port {port} of its app {app.name} here, until the
        approval expires.
      </Text>
    )
  return (
    <Stack gap="xs">
      <Text fw={600}>
        {isUpdate === true ? 'What would change in what runs now' : 'What would run'}
      </Text>
      <Differences differences={differences} />
      {spec !== undefined && (
        <details>
          <summary>The whole spec</summary>
          <Text
            component="pre"
            ff="monospace"
            fz="sm"
            m={0}
            mt="xs"
            mah="40vh"
            tabIndex={0}
            aria-label="Spec"
            style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          >
            {visibleText(toYaml(spec))}
          </Text>
        </details>
      )}
    </Stack>
  )
}
