import { Stack } from '@mantine/core'
import { effectiveSettings } from '@porpulsion/contract'
import { useUsage } from '../../api/use-usage.ts'
import { Card } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'
import { QueryState, SkeletonLines } from '../../ui/query-state.tsx'
import { isDocument, valueAt, type Document } from './document.ts'
import { pathIn } from './scope.ts'
import { totalUses, usedBy } from './usage-share.ts'

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
            {totalUses(usedBy(data, peer), isDocument(limits) ? limits : {}).map(
              ({ name, label, used, limit, share }) => (
                <Meter
                  key={name}
                  label={label}
                  share={share}
                  text={limit === '' ? `${used}, no limit` : `${used} of ${limit}`}
                />
              ),
            )}
          </Stack>
        )}
      </QueryState>
    </Card>
  )
}
