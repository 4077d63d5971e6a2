import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core'
import { ExclamationTriangleIcon, InfoCircledIcon } from '@radix-ui/react-icons'
import type { ExecutingApp, Hold } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { approvalsQuery, violationsQuery } from '../../api/queries.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { toneColor, type Tone } from '../../ui/tone.ts'
import { visibleText } from '../../ui/visible-text.ts'

/** What the owner has to decide about an app, and what it breaks. */
export function HostedNotices({ app }: { app: ExecutingApp }) {
  const { hold, update, peer } = app.spec
  return (
    <>
      {hold !== undefined && <Held app={app} hold={hold} />}
      {update !== undefined && <WaitingUpdate app={app} hold={update.hold} />}
      <Breaches app={app} peer={peer.name} />
    </>
  )
}

interface NoticeProps {
  readonly tone: Tone
  readonly title: string
  readonly children: ReactNode
}

function Notice({ tone, title, children }: NoticeProps) {
  return (
    <Alert
      variant="default"
      role="region"
      aria-label={title}
      title={title}
      icon={tone === 'ask' ? <InfoCircledIcon /> : <ExclamationTriangleIcon />}
      styles={{
        root: { borderInlineStart: `3px solid ${toneColor(tone)}` },
        icon: { color: toneColor(tone) },
      }}
    >
      <Stack gap={8}>{children}</Stack>
    </Alert>
  )
}

interface HeldProps {
  readonly app: ExecutingApp
  readonly hold: Hold
}

const heldTitles = {
  Pending: 'It waits for your approval',
  Rejected: 'It was rejected',
  Stopped: 'It was stopped',
} as const

function Held({ app, hold }: HeldProps) {
  const peer = app.spec.peer.name
  return (
    <Notice tone={hold.state === 'Pending' ? 'ask' : 'bad'} title={heldTitles[hold.state]}>
      <Decided hold={hold} />
      <Text size="sm">
        {hold.state === 'Pending' && 'Nothing of it runs until somebody here approves it.'}
        {hold.state === 'Rejected' &&
          `Nothing of it runs. ${peer} reads the note; an app it changes is looked at anew.`}
        {hold.state === 'Stopped' &&
          `It ran until it was stopped for what it breaks. It runs again once the rules allow it, or ${peer} sends one that keeps to them.`}
      </Text>
      <Group gap="xs">{hold.state === 'Stopped' ? <ToSettings /> : <ToApproval app={app} />}</Group>
    </Notice>
  )
}

function WaitingUpdate({ app, hold }: HeldProps) {
  const isWaiting = hold.state === 'Pending'
  return (
    <Notice
      tone={isWaiting ? 'ask' : 'bad'}
      title={isWaiting ? 'A change of it waits for your approval' : 'The last change was rejected'}
    >
      <Decided hold={hold} />
      <Text size="sm">What runs now goes on meanwhile.</Text>
      <Group gap="xs">
        <ToApproval app={app} />
      </Group>
    </Notice>
  )
}

function Decided({ hold: { since, by, note, reason } }: { hold: Hold }) {
  return (
    <div>
      {reason !== undefined && <Code>{reason}</Code>}
      {note !== undefined && (
        <Text size="sm" className="foreign">
          “{visibleText(note)}”
        </Text>
      )}
      <Text size="xs" c="dimmed">
        <RelativeTime time={since} />
        {by !== undefined && `, by ${by}`}
      </Text>
    </div>
  )
}

/** To exactly what waits, where it is known which that is. */
function ToApproval({ app }: { app: ExecutingApp }) {
  const waiting = useQuery(approvalsQuery).data?.items ?? []
  const own = waiting.find((one) => one.kind === 'App' && one.app.uid === app.spec.submitter.uid)
  return (
    <Button
      variant="default"
      renderRoot={(props) => (
        <Link to="/approvals" search={own === undefined ? {} : { id: own.id }} {...props} />
      )}
    >
      Look at it and decide
    </Button>
  )
}

const ToSettings = () => (
  <Button variant="default" renderRoot={(props) => <Link to="/settings" {...props} />}>
    See your rules
  </Button>
)

/** Rules that became stricter stop nothing by themselves. */
function Breaches({ app, peer }: { app: ExecutingApp; peer: string }) {
  const found = useQuery(violationsQuery).data?.items ?? []
  const own = found.find(({ uid }) => uid === app.metadata.uid)
  if (own === undefined) return null
  return (
    <Notice tone="warn" title="It breaks rules that came after it">
      <List size="sm">
        {own.objections.map(({ reason, message }) => (
          <List.Item key={reason + message} className="foreign">
            <Code>{reason}</Code> {visibleText(message)}
          </List.Item>
        ))}
      </List>
      <Text size="sm" c="dimmed">
        It goes on, and {peer} can change nothing of it but for the better, until it is stopped or
        the rules allow it.
      </Text>
      <Group gap="xs">
        <Button variant="default" renderRoot={(props) => <Link to="/approvals" {...props} />}>
          Stop it
        </Button>
        <ToSettings />
      </Group>
    </Notice>
  )
}
