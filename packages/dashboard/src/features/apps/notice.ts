/** What the state of an app means for whoever looks at it, and what to do next: pure, so that every state is tested. */
import {
  AppConditionType,
  errorCodes,
  type Condition,
  type ErrorCode,
  type RemoteApp,
} from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'
import type { Freshness } from './freshness.ts'

export interface Notice {
  readonly tone: Tone
  readonly title: string
  /** Said by the agent, or by the peer as the agent quotes it. */
  readonly says?: string
  /** One word for it: the rule, or the reason. */
  readonly reason?: string
  readonly means: string
  readonly todo?: string
  /** What may remain at the peer. */
  readonly remains?: readonly string[]
  /** Since when it is so. */
  readonly since?: string
  /** From when what is shown is. */
  readonly asOf?: string
  readonly steps: readonly Step[]
}

/** What can be done about it on this page. */
export type Step = 'edit' | 'peer' | 'force' | 'logs' | 'previous logs'

/** Nothing is said of an app that is as it shall be. */
export function noticeOf(app: RemoteApp, freshness: Freshness): Notice | undefined {
  const peer = app.spec.targetPeer
  if (app.metadata.deletionTimestamp !== undefined) return deleting(app)
  if (freshness.kind === 'stale') return stale(app, freshness)
  const { status } = app
  const accepted = conditionOf(app, AppConditionType.Accepted)
  const approved = conditionOf(app, AppConditionType.Approved)
  const runs = conditionOf(app, AppConditionType.Deployed)?.status === 'True'
  if (accepted?.status === 'False') return refused(peer, accepted, runs)
  if (approved?.reason === 'ApprovalRejected') return rejected(peer, approved, runs)
  if (approved?.status === 'False') return waits(peer, approved, runs)
  if (conditionOf(app, AppConditionType.Deployed)?.reason === 'DeployFailed')
    return deployFailed(peer, status?.message)
  switch (status?.phase) {
    case 'Failed':
    case 'Degraded':
      return unwell(app, status.phase)
    case 'Running':
    case 'Pending':
    case undefined:
      return starting(app)
    default:
      return undefined
  }
}

function deleting(app: RemoteApp): Notice {
  const peer = app.spec.targetPeer
  const { deletion } = app.status ?? {}
  if (deletion === undefined)
    return {
      tone: 'busy',
      title: 'Being deleted',
      means: `${peer} is removing it. It goes from here when ${peer} says that nothing is left.`,
      steps: [],
    }
  return {
    tone: 'warn',
    title: `Deletion waits for ${peer}`,
    says: deletion.message,
    since: deletion.waitingSince,
    means: `Until ${peer} is back, this may still be there:`,
    remains: remainsOf(app),
    todo: `It is removed by itself when ${peer} is back. If it will not come back soon, do not wait: the app goes from here now, and ${peer} cleans up whenever it returns.`,
    steps: ['force', 'peer'],
  }
}

/** What was made for an app at its host. */
export function remainsOf({ metadata, spec }: RemoteApp): readonly string[] {
  const { configMaps = [], secrets = [], pvcs = [], ports = [] } = spec
  const replicas = spec.replicas ?? 1
  return [
    `Deployment ${metadata.name} with its ${replicas === 1 ? 'pod' : `${replicas} pods`}`,
    ...(ports.length > 0 ? [`Service ${metadata.name}`] : []),
    ...configMaps.map(({ name }) => `ConfigMap ${name}`),
    ...secrets.map(({ name }) => `Secret ${name}`),
    ...pvcs
      .filter(({ retain }) => retain !== true)
      .map(({ name, storage }) => `Storage ${name} (${storage}) with its data`),
  ]
}

/** What stays at the host on purpose. */
export const retainedBy = ({ spec }: RemoteApp): readonly string[] =>
  (spec.pvcs ?? [])
    .filter(({ retain }) => retain === true)
    .map(({ name, storage }) => `Storage ${name} (${storage})`)

function stale(app: RemoteApp, { why, asOf }: Freshness & { kind: 'stale' }): Notice {
  const peer = app.spec.targetPeer
  const says = saidOf(app)
  const from = asOf === undefined ? {} : { asOf }
  if (why === 'peer is gone')
    return {
      tone: 'warn',
      title: `There is no peer ${peer} any more`,
      ...says,
      ...from,
      means: 'Nobody can be asked how this app is, and no change of it arrives anywhere.',
      todo: `Peer with ${peer} again under this name, or delete the app.`,
      steps: [],
    }
  if (why === 'not reported yet')
    return {
      tone: 'busy',
      title: `${peer} is back and has not reported yet`,
      ...says,
      ...from,
      means: 'What you see is how it was; how it is arrives in a moment.',
      steps: [],
    }
  return {
    tone: 'warn',
    title: `The link to ${peer} is down`,
    ...says,
    ...from,
    means: `What you see is how it was. The app goes on at ${peer} as if nothing had happened, but nobody here can see or reach it.`,
    todo: `Changes you make now are kept and sent when the link is up. The page of ${peer} says why it is down.`,
    steps: ['peer'],
  }
}

function refused(peer: string, { reason, message }: Condition, runs: boolean): Notice {
  return {
    tone: 'bad',
    title: runs ? 'The last change was refused' : `Refused by the rules of ${peer}`,
    says: message,
    reason,
    means: [meaningOf(reason), runs ? 'What ran before goes on.' : 'Nothing of it runs.']
      .filter(Boolean)
      .join(' '),
    todo: `${remedies[reason] ?? 'Change the app so that it fits'}, or ask the owner of ${peer} to change the rule. A changed app is judged anew at once.`,
    steps: ['edit'],
  }
}

/** By rule: how an app comes to fit it. */
const remedies: Readonly<Partial<Record<string, string>>> = {
  ImageBlocked: 'Use another image',
  ImageNotAllowed: 'Use an image from a place they allow',
  ImageInvalid: 'Write the image as registry/name:tag',
  DigestRequired: 'Name the image by its digest (name@sha256:…)',
  RequestsMissing: 'Say what each container needs (resources.requests)',
  LimitsMissing: 'Say what each container uses at most (resources.limits)',
  TotalExceeded: 'Ask for less, or delete something else you run there',
  TooManyReplicas: 'Ask for fewer replicas',
  PodTooLarge: 'Ask for less CPU or memory per pod',
  SecurityLevel: 'Ask for fewer rights in securityContext',
  StorageOff: 'Do without storage (pvcs)',
  ClaimTooLarge: 'Ask for a smaller claim',
  InvalidSpec: 'Correct the fields that are named',
}

const meaningOf = (reason: string): string =>
  reason in errorCodes ? errorCodes[reason as ErrorCode].means : ''

function rejected(peer: string, { message }: Condition, runs: boolean): Notice {
  return {
    tone: 'bad',
    title: runs ? `${peer} rejected the last change` : `${peer} rejected it`,
    says: message,
    means: runs
      ? 'Somebody there looked at the change and said no. What ran before goes on.'
      : 'Somebody there looked at it and said no. Nothing of it runs.',
    todo: 'Change the app as their note says; a changed app is looked at anew.',
    steps: ['edit'],
  }
}

function waits(peer: string, { lastTransitionTime }: Condition, runs: boolean): Notice {
  return {
    tone: 'ask',
    title: runs ? 'The last change waits for approval' : `Waits for approval at ${peer}`,
    since: lastTransitionTime,
    means: runs
      ? `What ran before goes on until somebody at ${peer} approves the change.`
      : `Nothing of it runs until somebody at ${peer} approves it.`,
    todo: 'Their page shows it under Approvals. If you change it meanwhile, the new content is what waits.',
    steps: [],
  }
}

function deployFailed(peer: string, message: string | undefined): Notice {
  return {
    tone: 'bad',
    title: `${peer} could not make it`,
    ...(message !== undefined && message !== '' && { says: message }),
    means: `The Kubernetes of ${peer} refused something of it. The agent there goes on trying.`,
    todo: 'Change what it names, or show the message to the owner of the cluster.',
    steps: ['edit'],
  }
}

function unwell(app: RemoteApp, phase: 'Failed' | 'Degraded'): Notice {
  const restarts = (app.status?.pods ?? []).some((pod) => pod.restarts > 0)
  return {
    tone: phase === 'Failed' ? 'bad' : 'warn',
    title: phase === 'Failed' ? 'Not ready in its time' : 'Not all of it is ready',
    ...saidOf(app),
    means:
      phase === 'Failed'
        ? 'No pod became ready. The host goes on trying.'
        : 'It was ready and is not now, or only a part of it is.',
    todo: restarts
      ? 'Pods of it ended; the logs of the run before mostly say why.'
      : 'Pods and events below say what each waits for.',
    steps: restarts ? ['previous logs', 'edit'] : ['logs', 'edit'],
  }
}

function starting(app: RemoteApp): Notice | undefined {
  const { says } = saidOf(app)
  if (says === undefined) return undefined
  return { tone: 'busy', title: 'Starting', says, means: '', steps: [] }
}

const saidOf = ({ status }: RemoteApp): { says?: string } =>
  status?.message === undefined || status.message === '' ? {} : { says: status.message }

const conditionOf = ({ status }: RemoteApp, wanted: AppConditionType): Condition | undefined =>
  status?.conditions.find(({ type }) => type === wanted)
