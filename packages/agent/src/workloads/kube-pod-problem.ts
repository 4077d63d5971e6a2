import type { KubeEvent, Pod } from '@porpulsion/kube'

/** Why a pod is not ready, as a user needs it: `CrashLoopBackOff, exit 1: connection refused`. */
export interface PodProblem {
  /** Kubernetes' own word. */
  readonly reason: string
  readonly message: string
}

/** What a pod goes through on its way up is no problem. */
const harmlessWaits = new Set(['ContainerCreating', 'PodInitializing', ''])

export function podProblem(
  pod: Pod,
  lastLogLine: string | undefined,
  events: readonly KubeEvent[],
): PodProblem | undefined {
  return (
    evicted(pod) ??
    unschedulable(pod) ??
    containerProblem(pod, lastLogLine) ??
    stuckAtStart(pod, events) ??
    unhealthy(pod, events)
  )
}

/** `CrashLoopBackOff, exit 1: connection refused`. */
export function formatProblem({ reason, message }: PodProblem): string {
  if (message === '') return reason
  return message.startsWith('exit ') ? `${reason}, ${message}` : `${reason}: ${message}`
}

export function isReady(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ===
      true
  )
}

export function restartsOf(pod: Pod): number {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

/** The container that keeps the pod from being ready: of several init containers the one whose turn it is. */
function troubledContainer({
  status,
}: Pod): { readonly own: ContainerStatus; readonly isInit: boolean } | undefined {
  const init = status?.initContainerStatuses?.find(({ ready }) => !ready)
  if (init !== undefined) return { own: init, isInit: true }
  const own = status?.containerStatuses?.find(({ ready }) => !ready)
  return own && { own, isInit: false }
}

/** Where the last words are: the container that ended badly and is not ready now. */
export function crashedContainer(
  pod: Pod,
): { readonly name: string; readonly runs: boolean; readonly restarts: number } | undefined {
  const own = troubledContainer(pod)?.own
  if (own === undefined) return undefined
  const { name, state, lastState, restartCount } = own
  if ((state?.terminated ?? lastState?.terminated) === undefined) return undefined
  return { name, runs: state?.running !== undefined, restarts: restartCount }
}

function evicted({ status }: Pod): PodProblem | undefined {
  if (status?.phase !== 'Failed' || status.reason === undefined) return undefined
  return { reason: status.reason, message: status.message ?? '' }
}

function unschedulable({ status }: Pod): PodProblem | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False') return undefined
  return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '' }
}

function containerProblem(pod: Pod, lastLogLine: string | undefined): PodProblem | undefined {
  const troubled = troubledContainer(pod)
  if (troubled === undefined) return undefined
  const { own, isInit } = troubled
  const { waiting, terminated } = own.state ?? {}
  const ended = terminated ?? own.lastState?.terminated
  const who = isInit ? `init container "${own.name}"` : undefined
  if (waiting !== undefined && !harmlessWaits.has(waiting.reason ?? '')) {
    const words = ended === undefined ? waiting.message : lastWords(ended, lastLogLine)
    return { reason: waiting.reason ?? 'Waiting', message: sentence(who, words) }
  }
  // An init container that came to its end did what it should.
  if (terminated === undefined || (isInit && terminated.exitCode === 0)) return undefined
  const words = lastWords({ ...terminated, reason: undefined }, lastLogLine)
  return { reason: terminated.reason ?? 'Terminated', message: sentence(who, words) }
}

interface Ended {
  readonly exitCode: number
  readonly reason?: string | undefined
  readonly message?: string
}

/** `exit 137 (OOMKilled): the last line`. */
function lastWords({ exitCode, reason, message }: Ended, lastLogLine: string | undefined): string {
  const why = reason === 'OOMKilled' ? ` (${reason})` : ''
  return [`exit ${exitCode}${why}`, lastLogLine ?? message ?? ''].filter(Boolean).join(': ')
}

const sentence = (who: string | undefined, words = ''): string =>
  [who, words].filter(Boolean).join(': ')

const startFailures = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedCreatePodSandBox',
  'FailedBinding',
])

/** Only events say why a container that is being created never is. */
function stuckAtStart(
  { metadata, status }: Pod,
  events: readonly KubeEvent[],
): PodProblem | undefined {
  const waits = status?.phase === 'Pending' && status.containerStatuses?.every(isBeingCreated)
  if (waits !== true) return undefined
  const failed = newestOf(events, metadata?.uid, (reason) => startFailures.has(reason))
  return failed && { reason: failed.reason ?? '', message: failed.message ?? '' }
}

const isBeingCreated = ({ state }: ContainerStatus): boolean =>
  state?.waiting !== undefined && harmlessWaits.has(state.waiting.reason ?? '')

function newestOf(
  events: readonly KubeEvent[],
  podUid: string | undefined,
  isMeant: (reason: string) => boolean,
): KubeEvent | undefined {
  return events
    .filter(({ reason, involvedObject }) => involvedObject.uid === podUid && isMeant(reason ?? ''))
    .at(-1)
}

/** Only events say why a probe fails. */
function unhealthy(
  { metadata, status }: Pod,
  events: readonly KubeEvent[],
): PodProblem | undefined {
  if (status?.containerStatuses?.some(({ ready, state }) => !ready && state?.running) !== true)
    return undefined
  const failed = newestOf(events, metadata?.uid, (reason) => reason === 'Unhealthy')
  return failed && { reason: 'Unhealthy', message: failed.message ?? '' }
}
