import { Badge } from '@mantine/core'
import type { Approval } from '@porpulsion/contract'

const colors = { Pending: 'grape.8', Rejected: 'red.9', Approved: 'teal.9' } as const

export function StateBadge({ state }: { state: Approval['state'] }) {
  return (
    <Badge color={colors[state]} tt="none">
      {state}
    </Badge>
  )
}
