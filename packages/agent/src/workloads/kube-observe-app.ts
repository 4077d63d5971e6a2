/** `ExecutingApp.status` as one function of the objects of an app: what a user needs to know of how it runs. */
import {
  AppConditionType,
  type AppEvent,
  type ExecutingAppStatus,
  type PodSummary,
} from '@porpulsion/contract'
import {
  findCondition,
  kubeTime,
  setConditions,
  type Clock,
  type KubeEvent,
  type Pod,
} from '@porpulsion/kube'
import { appPhase } from './app-phase.ts'
import { appConditions, isAppReady, type AppObservation } from './kube-app-conditions.ts'
import {
  formatProblem,
  isReady,
  podProblem,
  restartsOf,
  type PodProblem,
} from './kube-pod-problem.ts'
import { shortMessage } from './short-message.ts'

const MAX_PODS = 50
const MAX_EVENTS = 10

export function observeApp(observation: AppObservation, clock: Clock): ExecutingAppStatus {
  const { record, deployment, serviceName } = observation
  const previous = record.status
  const { generation } = record.spec.submitter
  const wasReadyAt =
    previous?.observedGeneration === generation ? previous.firstReadyTime : undefined
  const isReady = isAppReady(observation, wasReadyAt)
  const firstReadyTime = wasReadyAt ?? (isReady ? kubeTime(clock.now()) : undefined)
  const context = { ...observation, isReady, firstReadyTime, clock }
  const conditions = setConditions(previous?.conditions ?? [], appConditions(context), clock)
  const counts = deployment?.status ?? {}
  const status = {
    observedGeneration: generation,
    conditions: [...conditions],
    replicas: counts.replicas ?? 0,
    readyReplicas: counts.readyReplicas ?? 0,
    updatedReplicas: counts.updatedReplicas ?? 0,
    pods: podSummaries(observation),
    events: recentEvents(observation.events),
    ...(serviceName !== undefined && { serviceName }),
    ...(firstReadyTime !== undefined && { firstReadyTime }),
  }
  const isDeleting = record.metadata.deletionTimestamp !== undefined
  const message = messageOf(conditions)
  return {
    ...status,
    phase: appPhase({ ...status, isDeleting, isStale: false }),
    ...(message !== '' && { message }),
    resourceName: record.metadata.name,
  }
}

function podSummaries({ pods, events, lastLogLine }: AppObservation): PodSummary[] {
  return [...pods]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, MAX_PODS)
    .map((pod) =>
      summaryOf(pod, isReady(pod) ? undefined : podProblem(pod, lastLogLine(pod), events)),
    )
}

function summaryOf(pod: Pod, problem: PodProblem | undefined): PodSummary {
  const isTerminating = pod.metadata?.deletionTimestamp !== undefined
  const { startTime, phase = 'Pending' } = pod.status ?? {}
  return {
    name: nameOf(pod),
    phase: isTerminating ? 'Terminating' : phase,
    ready: isReady(pod),
    restarts: restartsOf(pod),
    ...(problem && { reason: problem.reason, message: shortMessage(formatProblem(problem)) }),
    ...(startTime !== undefined && { startedAt: startTime }),
  }
}

function recentEvents(events: readonly KubeEvent[]): AppEvent[] {
  const told = new Map<string, AppEvent>()
  for (const event of events) {
    const one = eventOf(event)
    const key = JSON.stringify([one.object, one.reason, one.message])
    const same = told.get(key)
    const count = one.count + (same?.count ?? 0)
    const isNewer = same === undefined || one.lastSeen > same.lastSeen
    told.set(key, { ...(isNewer ? one : same), count })
  }
  return [...told.values()].sort((a, b) => (a.lastSeen < b.lastSeen ? 1 : -1)).slice(0, MAX_EVENTS)
}

const eventOf = (event: KubeEvent): AppEvent => ({
  type: event.type ?? 'Normal',
  reason: event.reason ?? '',
  message: shortMessage(withoutAttempt(event.message ?? '')),
  object: `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`,
  count: event.count ?? 1,
  lastSeen: lastSeen(event),
})

/** Each refused attempt names a pod that never was; ten of them would leave no room for another event. */
const withoutAttempt = (message: string): string =>
  message
    .replace(/^\(combined from similar events\): /, '')
    .replace(/^Error creating: pods "[^"]*" is forbidden: /, 'Kubernetes refused a pod: ')

function lastSeen(event: KubeEvent): string {
  return (
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp ??
    ''
  )
}

function messageOf(
  conditions: readonly {
    readonly type: string
    readonly status: string
    readonly message: string
  }[],
): string {
  const failed = conditions.find(
    ({ type, status }) => status === 'False' && type !== AppConditionType.Ready,
  )
  return (failed ?? findCondition(conditions, AppConditionType.Ready))?.message ?? ''
}

const nameOf = (pod: Pod): string => pod.metadata?.name ?? ''
