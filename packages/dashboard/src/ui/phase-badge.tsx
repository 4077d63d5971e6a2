import { Badge, Tooltip } from '@mantine/core'
import type { AppPhase } from '@porpulsion/contract'

const colors: Readonly<Record<AppPhase, string>> = {
  Deleting: 'gray.7',
  Unknown: 'gray.7',
  Rejected: 'red.9',
  PendingApproval: 'grape.8',
  Failed: 'red.9',
  Degraded: 'orange.9',
  Ready: 'teal.9',
  Running: 'blue.8',
  Pending: 'blue.8',
}

export function PhaseBadge({ phase, message }: { phase?: AppPhase; message?: string }) {
  const known = phase ?? 'Pending'
  const badge = (
    <Badge color={colors[known]} variant="filled" tt="none">
      {known}
    </Badge>
  )
  return message === undefined ? (
    badge
  ) : (
    <Tooltip label={message} multiline maw={480}>
      {badge}
    </Tooltip>
  )
}
