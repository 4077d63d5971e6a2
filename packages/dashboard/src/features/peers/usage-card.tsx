import { Skeleton, Stack } from '@mantine/core'
import type { UsedOfTotals } from '@porpulsion/contract'
import { useUsage } from '../../api/use-usage.ts'
import { Card } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { usedTotals } from '../../ui/used-totals.ts'

/** Of this peer alone. Totals of all peers together stand on the overview. */
export function UsageCard({ peer }: { peer: string }) {
  const usage = useUsage()
  return (
    <Card title="What it uses here">
      <QueryState query={usage} skeleton={<Skeleton h={180} />}>
        {({ peers }) => <UsedTotals totals={peers.find((one) => one.peer === peer) ?? nothing} />}
      </QueryState>
    </Card>
  )
}

/** A peer without apps is not in the list. */
const nothing: UsedOfTotals = {
  used: { apps: 0, pods: 0, cpu: '0', memory: '0', storage: '0' },
  limits: { apps: 0, pods: 0, cpu: '', memory: '', storage: '' },
}

export function UsedTotals({ totals }: { totals: UsedOfTotals }) {
  return (
    <Stack gap="sm">
      {usedTotals(totals).map((total) => (
        <Meter key={total.label} {...total} />
      ))}
    </Stack>
  )
}
