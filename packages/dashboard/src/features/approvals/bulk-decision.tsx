import { Button, Group, Paper, Text, Tooltip } from '@mantine/core'
import { endpoints, type Approval } from '@porpulsion/contract'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useChange } from '../../api/use-change.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { decisionCommands } from './approval-commands.ts'
import { isApprovableUnseen } from './next-waiting.ts'

interface BulkDecisionProps {
  readonly chosen: readonly Approval[]
  readonly onDone: () => void
}

/** One word on many. Rejecting is safe: what is rejected can be approved later, and nothing that runs is touched. */
export function BulkDecision({ chosen, onDone }: BulkDecisionProps) {
  const decide = useChange({
    run: async (verdict: 'approve' | 'reject') => {
      const ends = await Promise.allSettled(
        chosen.map(({ id }) => call(endpoints[verdict], { params: { id }, body: {} })),
      )
      return ends.filter(({ status }) => status === 'rejected').length
    },
    changes: keys.approvals,
    said: (verdict, failed) => {
      onDone()
      const text = `${verdict === 'approve' ? 'Approved' : 'Rejected'}: ${chosen.length - failed}.`
      return failed === 0
        ? { text }
        : { tone: 'bad', text: `${text} ${failed} changed meanwhile; look at them again.` }
    },
  })
  const mayApprove = chosen.every(isApprovableUnseen)
  return (
    <Paper p="xs" px="md" component="section" aria-label="Selected">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <strong>{chosen.length}</strong> selected
        </Text>
        <Group gap="xs">
          <CommandsButton
            what="Reject selected"
            commands={decisionCommands(
              'reject',
              chosen.map(({ id }) => id),
            )}
          />
          <Button
            variant="default"
            onClick={() => decide.mutate('reject')}
            loading={decide.isPending && decide.variables === 'reject'}
          >
            Reject selected
          </Button>
          <Tooltip
            disabled={mayApprove}
            label="Apps are approved one by one, by whoever was shown what would run"
          >
            <Button
              {...(!mayApprove && { 'data-disabled': true })}
              aria-disabled={!mayApprove}
              onClick={() => {
                if (mayApprove) decide.mutate('approve')
              }}
              loading={decide.isPending && decide.variables === 'approve'}
            >
              Approve selected
            </Button>
          </Tooltip>
        </Group>
      </Group>
    </Paper>
  )
}
