import { Button, Group, Text } from '@mantine/core'
import { endpoints } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { CommandsButton, type Commands } from '../../ui/commands.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { decisionCommands } from '../approvals/approval-commands.ts'
import { seenCommands } from '../notifications/notification-commands.ts'
import type { Attention, AttentionAction } from './attention.ts'
import classes from './overview.module.css'

interface AttentionListProps {
  readonly attention: readonly Attention[]
  readonly onConfirm: (peer: string) => void
}

const SHOWN = 8

/** Each with what can be done about it beside it. */
export function AttentionList({ attention, onConfirm }: AttentionListProps) {
  const [showsAll, setShowsAll] = useState(false)
  const shown = showsAll ? attention : attention.slice(0, SHOWN)
  return (
    <Card
      title={attention.length === 0 ? 'Needs attention' : `Needs attention (${attention.length})`}
    >
      {attention.length === 0 ? (
        <Group gap="sm" wrap="nowrap">
          <StatusDot tone="good" />
          <Text size="sm">Nothing. Links, apps and rules are as they should be.</Text>
        </Group>
      ) : (
        <ul className={classes['list']}>
          {shown.map((entry) => (
            <li key={entry.id}>
              <Entry entry={entry} onConfirm={onConfirm} />
            </li>
          ))}
        </ul>
      )}
      {attention.length > SHOWN && (
        <Group>
          <Button variant="subtle" color="gray" onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Fewer' : `All ${attention.length}`}
          </Button>
        </Group>
      )}
    </Card>
  )
}

function Entry({
  entry,
  onConfirm,
}: {
  entry: Attention
  onConfirm: AttentionListProps['onConfirm']
}) {
  const { tone, title, text, since, actions } = entry
  return (
    <div className={classes['entry']}>
      <StatusDot tone={tone} />
      <div className={classes['words']}>
        <Text size="sm" fw={600} className="foreign">
          {title}
        </Text>
        <Text size="sm" c="dimmed" className="foreign" lineClamp={3}>
          {text}
          {since !== undefined && (
            <>
              {text !== undefined && ' · '}
              <RelativeTime time={since} />
            </>
          )}
        </Text>
      </div>
      <Group gap={6}>
        {actions.map((action, index) => (
          <ActionButton
            key={action.kind}
            action={action}
            isFirst={index === 0}
            about={title}
            onConfirm={onConfirm}
          />
        ))}
      </Group>
    </div>
  )
}

interface ActionButtonProps {
  readonly action: AttentionAction
  readonly isFirst: boolean
  /** What it belongs to, for who hears only the button. */
  readonly about: string
  readonly onConfirm: (peer: string) => void
}

function ActionButton({ action, isFirst, about, onConfirm }: ActionButtonProps) {
  const mayConfirm = useMay('admin')
  const look = { variant: isFirst ? 'light' : 'default' } as const
  const goTo = (link: Pick<LinkProps, 'to' | 'params' | 'search'>, text: string): ReactNode => (
    <Button
      {...look}
      aria-label={`${text}: ${about}`}
      renderRoot={(props) => <Link {...link} {...props} />}
    >
      {text}
    </Button>
  )
  switch (action.kind) {
    case 'confirm':
      return mayConfirm ? (
        <Button
          variant="filled"
          aria-label={`Compare words: ${about}`}
          onClick={() => onConfirm(action.peer)}
        >
          Compare words
        </Button>
      ) : null
    case 'openPeer':
      return goTo({ to: '/peers/$name', params: { name: action.peer } }, 'Open peer')
    case 'review':
      return goTo({ to: '/approvals', search: { id: action.approval } }, 'Review')
    case 'logs':
      return goTo(
        { to: '/workloads/$namespace/$name', params: action.app, search: { tab: 'logs' } },
        'Logs',
      )
    case 'openApp':
      return goTo({ to: '/workloads/$namespace/$name', params: action.app }, 'Open app')
    case 'openHosted':
      return goTo({ to: '/hosted/$namespace/$name', params: action.app }, 'Open app')
    case 'listApps':
      return goTo({ to: '/workloads', search: { phase: action.phase } }, 'Show them')
    case 'violations':
      return goTo({ to: '/approvals' }, 'Show them')
    case 'approve':
      return (
        <Do
          text="Approve"
          about={about}
          run={() => call(endpoints.approve, { params: { id: action.approval }, body: {} })}
          changes={keys.approvals}
          commands={decisionCommands('approve', [action.approval])}
        />
      )
    case 'acknowledge':
      return (
        <Do
          text="Acknowledge"
          about={about}
          run={() =>
            call(endpoints.acknowledgeNotification, { params: { id: action.notification } })
          }
          changes={keys.notifications}
          commands={seenCommands([action.notification])}
        />
      )
    default:
      return action satisfies never
  }
}

interface DoProps {
  readonly text: string
  readonly about: string
  readonly run: () => Promise<unknown>
  /** What is worth reading again afterwards. */
  readonly changes: readonly string[]
  readonly commands: Commands
}

/** Done at once: the entry goes when it is. */
function Do({ text, about, run, changes, commands }: DoProps) {
  const client = useQueryClient()
  const toast = useToast()
  const mayDo = useMay('operator')
  const done = useMutation({
    mutationFn: run,
    onSuccess: () => client.invalidateQueries({ queryKey: changes }),
    onError: ({ message }) => toast({ tone: 'bad', text: message }),
  })
  if (!mayDo) return null
  return (
    <>
      <Button
        variant="default"
        aria-label={`${text}: ${about}`}
        onClick={() => done.mutate()}
        loading={done.isPending}
      >
        {text}
      </Button>
      <CommandsButton isSmall what={`${text}: ${about}`} commands={commands} />
    </>
  )
}
