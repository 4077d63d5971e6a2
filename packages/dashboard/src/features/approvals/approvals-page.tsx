import { Anchor, Stack, Text } from '@mantine/core'
import type { Approval } from '@porpulsion/contract'
import { CheckCircledIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { approvalsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { ApprovalTable } from './approval-table.tsx'
import { BulkDecision } from './bulk-decision.tsx'
import { GoneApproval, Review } from './review.tsx'
import { Violations } from './violations.tsx'
import { whatOf } from './what-of.ts'

/** What peers want to run and reach here, for somebody to allow. */
export function ApprovalsPage() {
  const approvals = useQuery(approvalsQuery)
  const toast = useToast()
  return (
    <Page
      title="Approvals"
      description="What peers want to run and reach here. What was approved is what runs."
    >
      <QueryState query={approvals}>{({ items }) => <Waiting items={items} />}</QueryState>
      <Violations onStopped={(text) => toast({ text })} />
    </Page>
  )
}

function Waiting({ items }: { items: readonly Approval[] }) {
  const mayDecide = useMay('operator')
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const chosen = items.filter(({ id, state }) => ids.has(id) && state === 'Pending')
  return (
    <>
      {items.length === 0 ? (
        <NothingWaits />
      ) : (
        <Stack>
          {chosen.length > 0 && <BulkDecision chosen={chosen} onDone={() => setIds(new Set())} />}
          <ApprovalTable
            approvals={items}
            selection={mayDecide ? { ids, onChange: setIds } : undefined}
          />
        </Stack>
      )}
      <Reviewed items={items} />
    </>
  )
}

/** The one that the address names. It stays what it was when it was opened, whatever the list does. */
function Reviewed({ items }: { items: readonly Approval[] }) {
  const { id } = useSearch({ from: '/approvals' })
  const navigate = useNavigate()
  const toast = useToast()
  const [opened, setOpened] = useState<Approval>()
  const approval = opened?.id === id ? opened : items.find((item) => item.id === id)
  if (approval !== undefined && approval !== opened) setOpened(approval)
  const show = (next: string | undefined): void => {
    void navigate({ to: '/approvals', search: next === undefined ? {} : { id: next } })
  }
  const close = (): void => show(undefined)
  if (id === undefined) return null
  if (approval === undefined) return <GoneApproval onClose={close} />
  return (
    <Review
      key={approval.id}
      approval={approval}
      items={items}
      onDecided={(decided) =>
        toast({ text: `${decided.state}: ${whatOf(decided)} of peer ${decided.peer}.` })
      }
      onShow={(next) => show(next.id)}
      onClose={close}
    />
  )
}

function NothingWaits() {
  return (
    <EmptyState
      icon={<CheckCircledIcon width={28} height={28} />}
      title="Nothing waits for approval"
    >
      <Stack gap="xs" ta="left">
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
        <Text>
          Both are on the{' '}
          <Anchor
            inherit
            underline="always"
            renderRoot={(props) => (
              <Link to="/settings" search={{ section: 'approval' }} {...props} />
            )}
          >
            settings page
          </Anchor>
          , too, also for one peer alone.
        </Text>
      </Stack>
    </EmptyState>
  )
}
