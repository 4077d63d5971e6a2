import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core'
import { ExclamationTriangleIcon, InfoCircledIcon } from '@radix-ui/react-icons'
import type { RemoteApp } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/use-may.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { toneColor } from '../../ui/tone.ts'
import { useFreshness } from './app-state.tsx'
import type { AppView } from './app-view.ts'
import { DeleteApp } from './delete-app.tsx'
import { noticeOf, type Notice, type Step } from './notice.ts'

interface AppNoticeProps {
  readonly app: RemoteApp
  readonly view: AppView
}

/** What the state means, and the next step; nothing for an app that is as it shall be. */
export function AppNotice({ app, view }: AppNoticeProps) {
  const notice = noticeOf(app, useFreshness(app))
  if (notice === undefined) return null
  const { tone, title, means, todo, remains = [], steps } = notice
  return (
    <Alert
      variant="default"
      role="region"
      aria-label={title}
      title={title}
      icon={tone === 'busy' || tone === 'ask' ? <InfoCircledIcon /> : <ExclamationTriangleIcon />}
      styles={{
        root: { borderInlineStart: `3px solid ${toneColor(tone)}` },
        icon: { color: toneColor(tone) },
      }}
    >
      <Stack gap={8}>
        <Said notice={notice} />
        {means !== '' && <Text size="sm">{means}</Text>}
        {remains.length > 0 && (
          <List size="sm">
            {remains.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        )}
        {todo !== undefined && (
          <Text size="sm" c="dimmed">
            {todo}
          </Text>
        )}
        {steps.length > 0 && (
          <Group gap="xs">
            {steps.map((step) => (
              <StepButton key={step} step={step} app={app} view={view} />
            ))}
          </Group>
        )}
      </Stack>
    </Alert>
  )
}

function Said({ notice: { says, reason, since, asOf } }: { notice: Notice }) {
  if (says === undefined && since === undefined && asOf === undefined) return null
  return (
    <div>
      {says !== undefined && (
        <Text size="sm" className="foreign">
          {reason !== undefined && (
            <>
              <Code>{reason}</Code>{' '}
            </>
          )}
          {says}
        </Text>
      )}
      {since !== undefined && (
        <Text size="xs" c="dimmed">
          since <RelativeTime time={since} />
        </Text>
      )}
      {asOf !== undefined && (
        <Text size="xs" c="dimmed">
          as of <RelativeTime time={asOf} />
        </Text>
      )}
    </div>
  )
}

function StepButton({ step, app, view }: AppNoticeProps & { readonly step: Step }) {
  const mayChange = useMay('operator')
  const [isDeleting, setIsDeleting] = useState(false)
  const peer = app.spec.targetPeer
  switch (step) {
    case 'edit':
      return (
        mayChange && (
          <Button variant="default" onClick={() => view.show('spec')}>
            Edit the spec
          </Button>
        )
      )
    case 'logs':
    case 'previous logs':
      return (
        <Button variant="default" onClick={() => view.show('logs')}>
          {step === 'logs' ? 'See the logs' : 'See the logs of the run before'}
        </Button>
      )
    case 'peer':
      return (
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/peers/$name" params={{ name: peer }} {...props} />}
        >
          Go to {peer}
        </Button>
      )
    case 'force':
      return (
        mayChange && (
          <>
            <Button variant="light" color="red" onClick={() => setIsDeleting(true)}>
              Do not wait for {peer}
            </Button>
            {isDeleting && <DeleteApp app={app} onClose={() => setIsDeleting(false)} />}
          </>
        )
      )
    default:
      return step satisfies never
  }
}
