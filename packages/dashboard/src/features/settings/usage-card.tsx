import { Stack } from '@mantine/core'
import { effectiveSettings } from '@porpulsion/contract'
import { useUsage } from '../../api/use-usage.ts'
import { Card } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'
import { QueryState, SkeletonLines } from '../../ui/query-state.tsx'
import { usedTotals } from '../../ui/used-totals.ts'
import { isDocument, valueAt, type Document } from './document.ts'
import { pathIn } from './scope.ts'
import { usedBy } from './used-by.ts'

interface UsageCardProps {
  readonly peer: string | undefined
  readonly document: Document
}

/** What is used of the totals in the form, so that nobody sets one below it unawares. */
export function UsageCard({ peer, document }: UsageCardProps) {
  const usage = useUsage()
  const limits = valueAt(effectiveSettings(document), pathIn(peer, 'totals'))
  return (
    <Card title={peer === undefined ? 'Used by all peers' : `Used by ${peer}`}>
      <QueryState query={usage} skeleton={<SkeletonLines count={5} />}>
        {(data) => (
          <Stack gap="sm">
            {usedTotals({ used: usedBy(data, peer), limits: isDocument(limits) ? limits : {} }).map(
              (total) => (
                <Meter key={total.label} {...total} />
              ),
            )}
          </Stack>
        )}
      </QueryState>
    </Card>
  )
}
