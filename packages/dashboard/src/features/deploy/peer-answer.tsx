import { Code, Group, List, Loader, Stack, Text } from '@mantine/core'
import {
  isPorpulsionError,
  type AppCheck,
  type Peer,
  type UsedOfTotals,
} from '@porpulsion/contract'
import type { ReactNode } from 'react'
import { Card } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import type { Tone } from '../../ui/tone.ts'
import { usedTotals } from '../../ui/used-totals.ts'
import { costOf } from './app-cost.ts'
import type { DryRun } from './use-dry-run.ts'

interface PeerAnswerProps {
  readonly run: DryRun
  /** The peer that is named, when there is one of that name. */
  readonly peer: Peer | undefined
  readonly spec: unknown
  /** What has to be mended before anybody is asked. */
  readonly missing: number
}

/** What the peer would do with it, before anything is made. */
export function PeerAnswer({ run, peer, spec, missing }: PeerAnswerProps) {
  const check = run.kind === 'answered' ? run.check : run.kind === 'asking' ? run.before : undefined
  return (
    <Card title="What the peer would do">
      <Stack gap="xs" role="status" aria-live="polite">
        <Verdict run={run} check={check} peer={peer} missing={missing} />
        {check !== undefined && <Objections check={check} />}
        {check !== undefined && check.status.filledIn.length > 0 && <FilledIn check={check} />}
      </Stack>
      <Cost spec={spec} check={check} />
      {check?.status.ofTotals !== undefined && (
        <Totals totals={check.status.ofTotals} peer={check.spec.targetPeer} />
      )}
    </Card>
  )
}

interface VerdictProps {
  readonly run: DryRun
  readonly check: AppCheck | undefined
  readonly peer: Peer | undefined
  readonly missing: number
}

function Verdict({ run, check, peer, missing }: VerdictProps) {
  if (run.kind === 'failed') return <Failed error={run.error} peer={peer} />
  if (check !== undefined) {
    const { tone, text } = verdictOf(check)
    return (
      <Line tone={tone} text={text}>
        {run.kind === 'asking' && <Loader size={14} aria-label="Asking again" />}
      </Line>
    )
  }
  if (run.kind === 'asking')
    return (
      <Line tone="busy" text="Asking…">
        <Loader size={14} aria-hidden />
      </Line>
    )
  return (
    <Text c="dimmed" size="sm">
      {missing === 0
        ? 'Once the manifest is complete, the peer is asked as you type.'
        : `${missing === 1 ? 'One field is' : `${missing} fields are`} missing or wrong; then the peer is asked as you type.`}
    </Text>
  )
}

function Line({ tone, text, children }: { tone: Tone; text: string; children?: ReactNode }) {
  return (
    <Group gap={8} wrap="nowrap" align="center">
      <StatusDot tone={tone} />
      <Text fw={600} size="sm" className="foreign">
        {text}
      </Text>
      {children}
    </Group>
  )
}

function verdictOf({ spec, status }: AppCheck): {
  readonly tone: Tone
  readonly text: string
} {
  const what = spec.isUpdate ? 'the change' : 'it'
  switch (status.verdict) {
    case 'Accepted':
      return { tone: 'good', text: `${spec.targetPeer} would accept ${what}` }
    case 'ApprovalPending':
      return { tone: 'ask', text: `At ${spec.targetPeer}, ${what} would wait for approval` }
    case 'Refused':
      return { tone: 'bad', text: `${spec.targetPeer} would refuse ${what}` }
    default:
      return status.verdict satisfies never
  }
}

/** The peer's words. */
function Objections({ check }: { check: AppCheck }) {
  if (check.status.objections.length === 0) return null
  return (
    <List size="sm" spacing={4} aria-label="Reasons">
      {check.status.objections.map(({ reason, message }) => (
        <List.Item key={`${reason} ${message}`}>
          <Text size="sm" className="foreign">
            <Text span inherit fw={600}>
              {reason}
            </Text>
            : {message}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}

function FilledIn({ check }: { check: AppCheck }) {
  return (
    <details>
      <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
        {check.spec.targetPeer} would fill in {check.status.filledIn.length}{' '}
        {check.status.filledIn.length === 1 ? 'field' : 'fields'}
      </Text>
      <List size="sm" mt={4} spacing={2}>
        {check.status.filledIn.map(({ path, value, setting }) => (
          <List.Item key={path} className="foreign">
            <Code>
              {path}: {value}
            </Code>{' '}
            <Text span size="xs" c="dimmed">
              by {setting}
            </Text>
          </List.Item>
        ))}
      </List>
    </details>
  )
}

/** Calm: that nobody could be asked says nothing against the app. */
function Failed({ error, peer }: { error: Error; peer: Peer | undefined }) {
  const code = isPorpulsionError(error) ? error.code : undefined
  const kind = isPorpulsionError(error) ? error.kind : undefined
  if (kind === 'Invalid')
    return (
      <>
        <Line tone="bad" text="It would not be sent like this" />
        <Text size="sm" className="foreign">
          {error.message}
        </Text>
      </>
    )
  const name = peer?.metadata.name ?? 'The peer'
  if (kind === 'NotFound' && code !== 'PeerNotFound')
    return (
      <>
        <Line tone="idle" text={`${name} cannot be asked beforehand`} />
        <Text size="sm" c="dimmed">
          Its agent is of a version without dry runs. It judges the app once it is deployed.
        </Text>
      </>
    )
  if (kind === 'Unavailable' || kind === 'Timeout')
    return (
      <>
        <Line tone="warn" text={`${name} cannot be asked right now`} />
        <Text size="sm" c="dimmed" className="foreign">
          {peer?.status?.linkMessage ?? error.message}
        </Text>
        <Text size="sm" c="dimmed">
          You can deploy all the same: it is sent as soon as the link is back.
        </Text>
      </>
    )
  return (
    <>
      <Line tone="bad" text="The peer could not be asked" />
      <Text size="sm" className="foreign">
        {error.message}
      </Text>
    </>
  )
}

/** What counts against the owner's totals. */
function Cost({ spec, check }: { spec: unknown; check: AppCheck | undefined }) {
  const { pods, cpu, memory, storage } = costOf(spec, check?.status.filledIn)
  const amounts = [
    ['Pods', String(pods)],
    ['CPU', cpu],
    ['Memory', memory],
    ['Storage', storage],
  ] as const
  return (
    <Group gap="lg" component="dl" m={0}>
      {amounts.map(([name, amount]) => (
        <div key={name}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} size="sm" fw={500} className="tabular">
            {amount ?? (name === 'Storage' ? 'none' : 'no limit')}
          </Text>
        </div>
      ))}
    </Group>
  )
}

/** What the peer gives us, with this app in it. */
function Totals({ totals, peer }: { totals: UsedOfTotals; peer: string }) {
  const limited = usedTotals(totals).filter(({ share }) => share !== undefined)
  return (
    <Stack gap="xs">
      <Text size="sm" className="foreign">
        With it, of what {peer} gives you:
      </Text>
      {limited.map((total) => (
        <Meter key={total.label} {...total} />
      ))}
    </Stack>
  )
}
