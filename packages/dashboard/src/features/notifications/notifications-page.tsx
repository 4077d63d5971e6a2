import { Button, SegmentedControl, Group, Stack } from '@mantine/core'
import { endpoints } from '@porpulsion/contract'
import { BellIcon, CheckIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { keys, notificationsQuery } from '../../api/queries.ts'
import { useChange } from '../../api/use-change.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { seenCommands } from './notification-commands.ts'
import { NotificationCard } from './notification-card.tsx'
import { isUnseen, shownKinds, shownOf, type ShownKind } from './notice.ts'
import classes from './notifications.module.css'

/** What needs attention, with the next step beside it. */
export function NotificationsPage() {
  const notifications = useQuery(notificationsQuery)
  const { show = 'unseen' } = useSearch({ from: '/notifications' })
  return (
    <Page
      title="Notifications"
      description="What needs somebody's attention. What is over takes itself back."
    >
      <QueryState query={notifications}>
        {({ items }) => {
          const shown = shownOf(items, show)
          return (
            <Stack maw={960}>
              <Group justify="space-between" gap="xs">
                <Chooser show={show} unseen={items.filter(isUnseen).length} />
                <MarkAll ids={items.filter(isUnseen).map(({ id }) => id)} />
              </Group>
              {shown.length === 0 ? (
                <Nothing show={show} />
              ) : (
                <ul className={classes['list']} aria-label="Notifications">
                  {shown.map((item) => (
                    <NotificationCard key={item.id} notification={item} />
                  ))}
                </ul>
              )}
            </Stack>
          )
        }}
      </QueryState>
    </Page>
  )
}

const titles = { unseen: 'Unseen', resolved: 'Resolved', all: 'All' } as const

function Chooser({ show, unseen }: { show: ShownKind; unseen: number }) {
  const navigate = useNavigate()
  return (
    <SegmentedControl
      aria-label="Which to show"
      size="xs"
      value={show}
      data={shownKinds.map((value) => ({
        value,
        label: value === 'unseen' && unseen > 0 ? `${titles[value]} ${unseen}` : titles[value],
      }))}
      onChange={(value) => {
        const chosen = shownKinds.find((kind) => kind === value)
        if (chosen !== undefined) void navigate({ to: '/notifications', search: { show: chosen } })
      }}
    />
  )
}

function MarkAll({ ids }: { ids: readonly string[] }) {
  const mayMark = useMay('operator')
  const mark = useChange({
    run: () =>
      Promise.all(ids.map((id) => call(endpoints.acknowledgeNotification, { params: { id } }))),
    changes: keys.notifications,
    said: (_none, marked) => ({ text: `Marked as seen: ${marked.length}.` }),
  })
  if (!mayMark || ids.length === 0) return null
  return (
    <Group gap="xs">
      <CommandsButton what="Mark all as seen" commands={seenCommands(ids)} />
      <Button
        variant="default"
        leftSection={<CheckIcon />}
        loading={mark.isPending}
        onClick={() => mark.mutate(undefined)}
      >
        Mark all as seen
      </Button>
    </Group>
  )
}

function Nothing({ show }: { show: ShownKind }) {
  return (
    <EmptyState
      icon={<BellIcon width={28} height={28} />}
      title={show === 'unseen' ? 'Nothing needs attention' : 'Nothing here'}
    >
      {show === 'unseen'
        ? 'Apps that fail, peers that go away, approvals that wait: they are told here, and beside "Notifications" on every page.'
        : 'What was told is kept here for a while.'}
    </EmptyState>
  )
}
