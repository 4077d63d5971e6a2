import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { CheckIcon, RocketIcon } from '@radix-ui/react-icons'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '../../api/use-may.ts'
import { AddPeerButtons } from '../peers/add-buttons.tsx'
import { trustOf } from '../peers/link-words.ts'
import type { PeerRow } from '../peers/peer-rows.ts'
import type { Step } from './first-steps.ts'
import classes from './overview.module.css'

interface FirstRunProps {
  readonly step: Step
  readonly rows: readonly PeerRow[]
  readonly onConfirm: (peer: string) => void
}

const order: readonly Step[] = ['peer', 'confirm', 'deploy']
const titles: Readonly<Record<Step, string>> = {
  peer: 'Peer your first cluster',
  confirm: 'Compare six words',
  deploy: 'Deploy your first app',
}

/** The way from nothing to an app that runs somewhere else, in three steps. */
export function FirstRun({ step, rows, onConfirm }: FirstRunProps) {
  const now = order.indexOf(step)
  const bodies: Readonly<Record<Step, ReactNode>> = {
    peer: <PeerStep isNow={step === 'peer'} />,
    confirm: <ConfirmStep rows={rows} isNow={step === 'confirm'} onConfirm={onConfirm} />,
    deploy: <DeployStep isNow={step === 'deploy'} />,
  }
  return (
    <Paper p={{ base: 'md', sm: 'xl' }} component="section" aria-label="First steps">
      <Stack gap="lg" maw={640} mx="auto" py="md">
        <Stack gap={4}>
          <Title order={2}>{titles[step]}</Title>
          <Text c="dimmed">
            Three steps from here to an app of yours that runs on somebody else’s cluster.
          </Text>
        </Stack>
        <ol className={classes['steps']}>
          {order.map((name, index) => (
            <li
              key={name}
              className={classes['step']}
              data-state={index < now ? 'done' : index === now ? 'now' : 'later'}
              {...(index === now && { 'aria-current': 'step' as const })}
            >
              <span className={classes['mark']}>
                {index < now ? <CheckIcon aria-label="Done" /> : index + 1}
              </span>
              <Stack gap={6}>
                <Text fw={600} mt={5}>
                  {titles[name]}
                </Text>
                {bodies[name]}
              </Stack>
            </li>
          ))}
        </ol>
      </Stack>
    </Paper>
  )
}

function PeerStep({ isNow }: { isNow: boolean }) {
  return (
    <>
      <Text size="sm" c="dimmed">
        Make an invite here and paste it at the other cluster, or paste one of theirs here. One side
        must be able to reach the other over HTTP; which of them does not matter.
      </Text>
      {isNow && (
        <Group gap="xs" mt={4}>
          <AddPeerButtons />
        </Group>
      )}
    </>
  )
}

interface ConfirmStepProps {
  readonly rows: readonly PeerRow[]
  readonly isNow: boolean
  readonly onConfirm: (peer: string) => void
}

function ConfirmStep({ rows, isNow, onConfirm }: ConfirmStepProps) {
  const mayConfirm = useMay('admin')
  const waiting = rows.filter(({ peer }) => trustOf(peer) === 'awaits-us')
  return (
    <>
      <Text size="sm" c="dimmed">
        Both operators read six words to each other and confirm. Then both know that nobody sits in
        between.
      </Text>
      {isNow && waiting.length > 0 && mayConfirm && (
        <Group gap="xs" mt={4}>
          {waiting.map(({ name }) => (
            <Button key={name} onClick={() => onConfirm(name)}>
              Compare words with {name}
            </Button>
          ))}
        </Group>
      )}
      {isNow && waiting.length === 0 && (
        <Text size="sm" c="var(--tone-ask)">
          You have confirmed. The other side has not yet: on their page it stands under Peers.
        </Text>
      )}
    </>
  )
}

function DeployStep({ isNow }: { isNow: boolean }) {
  const mayDeploy = useMay('operator')
  return (
    <>
      <Text size="sm" c="dimmed">
        Say which image runs where. Its status and logs come back here, and its ports open here.
      </Text>
      {isNow && mayDeploy && (
        <Group gap="xs" mt={4}>
          <Button
            leftSection={<RocketIcon />}
            renderRoot={(props) => <Link to="/deploy" {...props} />}
          >
            Deploy an app
          </Button>
        </Group>
      )}
    </>
  )
}
