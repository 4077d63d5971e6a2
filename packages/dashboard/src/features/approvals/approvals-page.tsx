import { Stack, Text } from '@mantine/core'
import type { Approval } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { approvalsQuery } from '../../api/queries.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { ApprovalTable } from './approval-table.tsx'
import { Review } from './review.tsx'
import { Violations } from './violations.tsx'
import { whatOf } from './what-of.ts'

/** What peers want to run and reach here, for somebody to allow. */
export function ApprovalsPage() {
  const approvals = useQuery(approvalsQuery)
  const [reviewed, setReviewed] = useState<Approval>()
  const toast = useToast()
  const close = (): void => setReviewed(undefined)
  return (
    <Page title="Approvals">
      <QueryState query={approvals}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <NothingWaits />
            ) : (
              <ApprovalTable approvals={items} onReview={setReviewed} />
            )}
            {reviewed !== undefined && (
              <Review
                key={reviewed.id}
                approval={reviewed}
                items={items}
                onDecided={(decided) => {
                  toast({ text: `${decided.state}: ${whatOf(decided)} of peer ${decided.peer}.` })
                  close()
                }}
                onShow={setReviewed}
                onClose={close}
              />
            )}
          </>
        )}
      </QueryState>
      <Violations onStopped={(text) => toast({ text })} />
    </Page>
  )
}

function NothingWaits() {
  return (
    <Stack gap="xs" py="xl" maw={720}>
      <Text fw={600}>Nothing waits for approval.</Text>
      <Text>With this rule, apps and updates of peers wait here until somebody allows them:</Text>
      <CopyField
        value="porpulsion settings set approval.required=true"
        label="Ask before apps run"
      />
      <Text>And with this one tunnels, each port of an app on its own:</Text>
      <CopyField
        value="porpulsion settings set tunnels.mode=approval"
        label="Ask before ports are reached"
      />
      <Text>Both can be set for one peer alone, with --peer and its name.</Text>
    </Stack>
  )
}
