/** What somebody should look at now, worst first, each once. Pure: from the lists that the event stream keeps. */
import type {
  Approval,
  AppPhase,
  Notification,
  Peer,
  RemoteApp,
  Violation,
} from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'
import { inWords } from '../activity/activity.ts'
import { trustOf } from '../peers/link-words.ts'
import { sentence } from '../peers/sentence.ts'

interface AppName {
  readonly namespace: string
  readonly name: string
}

/** What can be done about it, beside it. */
export type AttentionAction =
  | { readonly kind: 'confirm'; readonly peer: string }
  | { readonly kind: 'openPeer'; readonly peer: string }
  | { readonly kind: 'review'; readonly approval: string }
  /** Of exactly what is shown: a change meanwhile has another id. */
  | { readonly kind: 'approve'; readonly approval: string }
  | { readonly kind: 'logs'; readonly app: AppName }
  | { readonly kind: 'openApp'; readonly app: AppName }
  | { readonly kind: 'openHosted'; readonly app: AppName }
  | { readonly kind: 'listApps'; readonly phase: AppPhase }
  | { readonly kind: 'violations' }
  | { readonly kind: 'acknowledge'; readonly notification: string }

export interface Attention {
  readonly id: string
  readonly tone: Tone
  readonly title: string
  readonly text?: string
  readonly since?: string
  readonly actions: readonly AttentionAction[]
}

export interface AttentionLists {
  readonly peers: readonly Peer[]
  readonly remoteApps: readonly RemoteApp[]
  readonly approvals: readonly Approval[]
  readonly violations: readonly Violation[]
  readonly notifications: readonly Notification[]
}

/** Of the apps in one phase; the others are a number, and a link to the list. */
const MAX_APPS_PER_PHASE = 4

export function attentionOf(lists: AttentionLists): readonly Attention[] {
  const entries = [
    ...lists.peers.flatMap((peer) => ofPeer(peer, lists.remoteApps)),
    ...lists.approvals.filter(({ state }) => state === 'Pending').map(ofApproval),
    ...ofApps(lists.remoteApps),
    ...ofViolations(lists.violations),
  ]
  const told = lists.notifications.filter((one) => isOpen(one) && !isCovered(one, lists))
  return [...entries, ...told.map(ofNotification)]
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => rank[a.entry.tone] - rank[b.entry.tone] || a.index - b.index)
    .map(({ entry }) => entry)
}

const rank: Readonly<Record<Tone, number>> = {
  ask: 0,
  bad: 1,
  warn: 2,
  busy: 3,
  idle: 4,
  good: 5,
}

function ofPeer(peer: Peer, apps: readonly RemoteApp[]): readonly Attention[] {
  const { name } = peer.metadata
  const { link, linkMessage, since, confirmedByPeer } = peer.status ?? {}
  const openPeer: AttentionAction = { kind: 'openPeer', peer: name }
  const sinceThen = since === undefined ? {} : { since }
  if (trustOf(peer) === 'awaits-us')
    return [
      {
        id: `peer ${name}`,
        tone: 'ask',
        title: `Is ${name} who it says it is?`,
        text: 'Compare the six words with its operator, then confirm.',
        actions: [{ kind: 'confirm', peer: name }, openPeer],
      },
    ]
  if (link === 'Disconnected') {
    const there = apps.filter(({ spec }) => spec.targetPeer === name).length
    const known =
      there === 0
        ? ''
        : ` What is shown of ${there === 1 ? 'the app' : `${there} apps`} there is as last heard.`
    return [
      {
        id: `peer ${name}`,
        tone: 'bad',
        title: `The link to ${name} is down`,
        text: `${sentence(linkMessage ?? 'The agent keeps trying')}${known}`,
        ...sinceThen,
        actions: [openPeer],
      },
    ]
  }
  if (confirmedByPeer === false)
    return [
      {
        id: `peer ${name}`,
        tone: 'idle',
        title: `${name} has not confirmed us yet`,
        text: 'Its operator compares the words on their page; nothing runs before.',
        actions: [openPeer],
      },
    ]
  return []
}

const ofApproval = ({
  id,
  kind,
  peer,
  app,
  since,
  image,
  port,
  isUpdate,
}: Approval): Attention => ({
  id: `approval ${id}`,
  tone: 'ask',
  title:
    kind === 'Tunnel'
      ? `${peer} asks to reach port ${port ?? ''} of ${app.name}`
      : `${peer} asks to ${isUpdate === true ? 'change' : 'run'} ${app.name}`,
  ...(image !== undefined && { text: image }),
  since,
  actions: [
    { kind: 'review', approval: id },
    // An app is approved by its content, so that has to be seen; of a tunnel this line is all there is.
    ...(kind === 'Tunnel' ? [{ kind: 'approve' as const, approval: id }] : []),
  ],
})

/** Of those in trouble; what waits for the host's owner is nothing that anybody here could do. */
const troubled = {
  Failed: { tone: 'bad', verb: 'failed' },
  Rejected: { tone: 'bad', verb: 'was rejected' },
  Degraded: { tone: 'warn', verb: 'is degraded' },
} as const satisfies Partial<Record<AppPhase, { tone: Tone; verb: string }>>

function ofApps(apps: readonly RemoteApp[]): readonly Attention[] {
  return (['Failed', 'Rejected', 'Degraded'] as const).flatMap((phase) => {
    const inPhase = apps.filter(({ status }) => status?.phase === phase)
    const { tone, verb } = troubled[phase]
    const rest = inPhase.length - MAX_APPS_PER_PHASE
    return [
      ...inPhase.slice(0, MAX_APPS_PER_PHASE).map(({ metadata, spec, status }): Attention => {
        const app = { namespace: metadata.namespace ?? '', name: metadata.name }
        return {
          id: `app ${app.namespace}/${app.name}`,
          tone,
          title: `${app.name} ${verb} at ${spec.targetPeer}`,
          ...(status?.message !== undefined && { text: status.message }),
          actions: [
            // What was rejected never ran.
            ...(phase === 'Rejected' ? [] : [{ kind: 'logs', app } as const]),
            { kind: 'openApp', app },
          ],
        }
      }),
      ...(rest > 0
        ? [
            {
              id: `more ${phase}`,
              tone,
              title: `${rest} more ${rest === 1 ? 'app' : 'apps'} ${phase.toLowerCase()}`,
              actions: [{ kind: 'listApps', phase }],
            } satisfies Attention,
          ]
        : []),
    ]
  })
}

function ofViolations(violations: readonly Violation[]): readonly Attention[] {
  const [first] = violations
  if (first === undefined) return []
  const others = violations.length - 1
  return [
    {
      id: 'violations',
      tone: 'warn',
      title: `${violations.length === 1 ? 'An app breaks' : `${violations.length} apps break`} the rules as they are now`,
      text: `${first.app} of ${first.peer}${others > 0 ? ` and ${others} more` : ''}: ${first.objections[0]?.message ?? ''}`,
      actions: [{ kind: 'violations' }],
    },
  ]
}

const isOpen = ({ acknowledgedAt, resolvedAt }: Notification): boolean =>
  acknowledgedAt === undefined && resolvedAt === undefined

/** Said already by what it is about, as that is now. */
function isCovered({ reason, about }: Notification, lists: AttentionLists): boolean {
  switch (reason) {
    case 'ApprovalWaiting':
      return true
    case 'PeerAwaitingConfirmation':
      return true
    case 'LinkLost':
    case 'RemovedByPeer':
      return lists.peers.some(
        ({ metadata, status }) => metadata.name === about?.name && status?.link === 'Disconnected',
      )
    case 'AppCrashLooping':
    case 'AppNotReadyInTime':
    case 'AppRejected':
    case 'AppRefused':
      return (
        about?.kind === 'RemoteApp' &&
        lists.remoteApps.some(
          ({ metadata, status }) =>
            metadata.name === about.name &&
            metadata.namespace === about.namespace &&
            status !== undefined &&
            status.phase in troubled,
        )
      )
    default:
      return false
  }
}

const severityTones = { info: 'busy', warning: 'warn', error: 'bad' } as const

const ofNotification = ({
  id,
  reason,
  message,
  severity,
  time,
  about,
}: Notification): Attention => ({
  id: `notification ${id}`,
  tone: severityTones[severity],
  title: `${inWords(reason)}${about === undefined ? '' : `: ${about.name}`}`,
  text: message,
  since: time,
  actions: [...subjectOf(about), { kind: 'acknowledge', notification: id }],
})

function subjectOf(about: Notification['about']): readonly AttentionAction[] {
  if (about === undefined) return []
  const app = { namespace: about.namespace ?? '', name: about.name }
  switch (about.kind) {
    case 'Peer':
      return [{ kind: 'openPeer', peer: about.name }]
    case 'RemoteApp':
      return [{ kind: 'openApp', app }]
    case 'ExecutingApp':
      return [{ kind: 'openHosted', app }]
    default:
      return about.kind satisfies never
  }
}
