import { Button, Group, Text } from '@mantine/core'
import { endpoints, type Notification } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useChange } from '../../api/use-change.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { WithCode } from '../../ui/with-code.tsx'
import { inWords } from '../activity/activity.ts'
import { isUnseen, stepOf, todoOf, toneOf, type Step } from './notice.ts'
import { seenCommands } from './notification-commands.ts'
import classes from './notifications.module.css'

export function NotificationCard({ notification }: { notification: Notification }) {
  const { reason, severity, message, time, count, about, resolvedAt, acknowledgedAt } = notification
  const step = stepOf(notification)
  const todo = todoOf(notification)
  const isOpen = isUnseen(notification)
  return (
    <li className={classes['item']}>
      <span className={classes['dot']}>
        <StatusDot tone={toneOf(notification)} />
      </span>
      <div>
        <Group gap="xs">
          <Text fw={600}>{inWords(reason)}</Text>
          <Text size="sm" c="dimmed" className="foreign">
            {resolvedAt === undefined ? severity : 'over'}
            {about !== undefined && ` · ${about.name}`} · <RelativeTime time={time} />
            {count > 1 && ` · ${count} times`}
          </Text>
        </Group>
        <Text size="sm" className="foreign">
          {visibleText(message)}
        </Text>
        {isOpen && todo !== undefined && (
          <Text size="sm" c="dimmed">
            <WithCode text={todo} />
          </Text>
        )}
        {resolvedAt !== undefined && (
          <Text size="sm" c="dimmed">
            Over since <RelativeTime time={resolvedAt} />
          </Text>
        )}
        {resolvedAt === undefined && acknowledgedAt !== undefined && (
          <Text size="sm" c="dimmed">
            Seen <RelativeTime time={acknowledgedAt} />
          </Text>
        )}
      </div>
      <div className={classes['actions']}>
        {step !== undefined && <StepButton step={step} />}
        {isOpen && <Seen notification={notification} />}
      </div>
    </li>
  )
}

/** Kept as seen: nothing takes that back. */
function Seen({ notification: { id, reason } }: { notification: Notification }) {
  const mayMark = useMay('operator')
  const mark = useChange({
    run: () => call(endpoints.acknowledgeNotification, { params: { id } }),
    changes: keys.notifications,
    said: () => ({ text: `Seen: ${inWords(reason)}.` }),
  })
  if (!mayMark) return null
  const what = `Mark as seen: ${inWords(reason)}`
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        loading={mark.isPending}
        onClick={() => mark.mutate(undefined)}
        aria-label={what}
      >
        Seen
      </Button>
      <CommandsButton isSmall what={what} commands={seenCommands([id])} />
    </>
  )
}

function StepButton({ step }: { step: Step }) {
  return (
    <Button variant="light" renderRoot={(props) => <StepLink step={step} {...props} />}>
      {step.label}
    </Button>
  )
}

function StepLink({ step, ...props }: { step: Step } & Readonly<Record<string, unknown>>) {
  switch (step.kind) {
    case 'app':
    case 'hosted': {
      const { namespace, name, tab } = step
      const to = step.kind === 'app' ? '/workloads/$namespace/$name' : '/hosted/$namespace/$name'
      return (
        <Link
          to={to}
          params={{ namespace, name }}
          search={tab === undefined ? {} : { tab }}
          {...props}
        />
      )
    }
    case 'peer':
      return <Link to="/peers/$name" params={{ name: step.name }} {...props} />
    case 'approvals':
      return <Link to="/approvals" {...props} />
    case 'settings':
      return <Link to="/settings" search={{ section: step.section }} {...props} />
    default:
      return step satisfies never
  }
}
