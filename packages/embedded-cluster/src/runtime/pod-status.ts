/** A pod's status from the state of its containers; pure. */
import type { ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.js'
import { timestamp } from '../registry/metadata.ts'
import type { Stored } from '../registry/registry.ts'

export interface PodObservation {
  readonly initContainers: readonly ContainerStatus[]
  readonly containers: readonly ContainerStatus[]
  readonly podIP: string
  readonly hostIP: string
  readonly nowMs: number
}

type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export function podStatus(pod: Stored<Pod>, seen: PodObservation): PodStatus {
  const before: PodStatus = pod.status ?? {}
  const phase = podPhase(pod, seen)
  const startTime = before.startTime ?? timestamp(seen.nowMs)
  return {
    ...before,
    phase,
    conditions: mergeConditions(before.conditions ?? [], conditions(phase, seen), seen.nowMs),
    hostIP: seen.hostIP,
    podIP: seen.podIP,
    podIPs: [{ ip: seen.podIP }],
    startTime,
    ...(seen.initContainers.length > 0 && { initContainerStatuses: [...seen.initContainers] }),
    containerStatuses: [...seen.containers],
  }
}

/** What can be said of a pod by its containers alone; `Succeeded` and `Failed` are for ever. */
function podPhase({ spec, status }: Pod, { initContainers, containers }: PodObservation): PodPhase {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return status.phase
  const policy = spec?.restartPolicy ?? 'Always'
  const brokenInit = initContainers.some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)
  if (brokenInit && policy === 'Never') return 'Failed'
  if (!initContainers.every(isDone)) return 'Pending'
  const hasNeverRun = ({ state, lastState }: ContainerStatus): boolean =>
    state?.waiting !== undefined && lastState?.terminated === undefined
  if (containers.some(hasNeverRun)) return 'Pending'
  if (containers.some(({ state }) => state?.running !== undefined) || policy === 'Always')
    return 'Running'
  if (containers.every(isDone)) return 'Succeeded'
  const allEnded = containers.every(({ state }) => state?.terminated !== undefined)
  return allEnded && policy === 'Never' ? 'Failed' : 'Running'
}

function isDone({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0
}

type Verdict = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

function conditions(phase: PodPhase, { initContainers, containers }: PodObservation): Verdict[] {
  const pendingInit = initContainers.filter((one) => !isDone(one)).map(({ name }) => name)
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name)
  const notReady = whyNotReady(phase, unready)
  return [
    { type: 'PodScheduled', status: 'True' },
    pendingInit.length === 0
      ? {
          type: 'Initialized',
          status: 'True',
          ...(phase === 'Succeeded' && { reason: 'PodCompleted' }),
        }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${pendingInit.join(' ')}]`,
        },
    { type: 'ContainersReady', ...notReady },
    { type: 'Ready', ...notReady },
  ]
}

function whyNotReady(phase: PodPhase, unready: readonly string[]): Omit<Verdict, 'type'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  if (unready.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

/** The time of a condition changes with its status only; conditions that others set stay. */
function mergeConditions(
  before: readonly PodCondition[],
  now: readonly Verdict[],
  nowMs: number,
): PodCondition[] {
  const merged = now.map((verdict) => {
    const old = before.find(({ type }) => type === verdict.type)
    const isSame = old?.status === verdict.status && old.lastTransitionTime !== undefined
    return {
      ...verdict,
      lastTransitionTime: isSame ? old.lastTransitionTime : timestamp(nowMs),
    } as PodCondition
  })
  return [...merged, ...before.filter(({ type }) => now.every((verdict) => verdict.type !== type))]
}
