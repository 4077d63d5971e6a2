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
  return (pod.status?.containerStatuses ?? []).reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )
}

/** The container ended badly at least once and is not ready now: its last words are worth fetching. */
export function hasCrashed(pod: Pod): boolean {
  return (
    pod.status?.containerStatuses?.some(({ ready, state, lastState }) => {
      const ended = state?.terminated ?? lastState?.terminated
      return !ready && ended !== undefined
    }) ?? false
  )
}

/** Whether the words are those of the instance before the present one. */
export function crashedBefore(pod: Pod): boolean {
  return pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false
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

function containerProblem(
  { status }: Pod,
  lastLogLine: string | undefined,
): PodProblem | undefined {
  const container = status?.containerStatuses?.find(({ ready }) => !ready)
  if (container === undefined) return undefined
  const { waiting, terminated } = container.state ?? {}
  const ended = terminated ?? container.lastState?.terminated
  const lastWords =
    ended === undefined
      ? undefined
      : [`exit ${ended.exitCode}`, lastLogLine ?? ended.message ?? ''].filter(Boolean).join(': ')
  if (waiting !== undefined && !harmlessWaits.has(waiting.reason ?? ''))
    return { reason: waiting.reason ?? 'Waiting', message: lastWords ?? waiting.message ?? '' }
  if (terminated !== undefined)
    return { reason: terminated.reason ?? 'Terminated', message: lastWords ?? '' }
  return undefined
}

/** Only events say why a probe fails. */
function unhealthy(
  { metadata, status }: Pod,
  events: readonly KubeEvent[],
): PodProblem | undefined {
  if (status?.containerStatuses?.some(({ ready, state }) => !ready && state?.running) !== true)
    return undefined
  const failed = events
    .filter(
      ({ reason, involvedObject }) =>
        reason === 'Unhealthy' && involvedObject.uid === metadata?.uid,
    )
    .at(-1)
  return failed && { reason: 'Unhealthy', message: failed.message ?? '' }
}
