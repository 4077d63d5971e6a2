/** The state of a container, and its form in a pod's status; pure. */
import type {
  ContainerState as ApiContainerState,
  ContainerStateTerminated,
} from 'kubernetes-types/core/v1.js'
import { timestamp } from '../registry/metadata.ts'
import type { ContainerExit, ContainerRun } from './container-runtime.ts'

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly run: ContainerRun }
  | { readonly kind: 'terminated'; readonly exit: ContainerExit }

const idPrefix = 'process://'

export function containerId(id: string): string {
  return `${idPrefix}${id}`
}

export function toApiState(state: ContainerState): ApiContainerState {
  switch (state.kind) {
    case 'waiting': {
      const { reason, message } = state
      return { waiting: { reason, ...(message !== undefined && { message }) } }
    }
    case 'running':
      return { running: { startedAt: timestamp(state.run.startedAtMs) } }
    case 'terminated':
      return { terminated: toApiExit(state.exit) }
    default:
      return state satisfies never
  }
}

export function toApiExit(exit: ContainerExit): ContainerStateTerminated {
  const { exitCode, reason, message, startedAtMs, finishedAtMs, id } = exit
  return {
    exitCode,
    reason,
    ...(message !== undefined && { message }),
    startedAt: timestamp(startedAtMs),
    finishedAt: timestamp(finishedAtMs),
    containerID: containerId(id),
  }
}

/** An exit as an earlier cluster process wrote it into the status. */
export function fromApiExit(
  state: ApiContainerState | undefined,
  attempt: number,
): ContainerExit | undefined {
  const ended = state?.terminated
  if (ended === undefined) return undefined
  const {
    exitCode,
    reason = 'Error',
    message,
    startedAt = '',
    finishedAt = '',
    containerID = '',
  } = ended
  return {
    id: containerID.slice(idPrefix.length),
    attempt,
    exitCode,
    reason,
    ...(message !== undefined && { message }),
    startedAtMs: Date.parse(startedAt) || 0,
    finishedAtMs: Date.parse(finishedAt) || 0,
  }
}

/** What is said of a run of which nothing is left but the status that it began. */
export function lostRun(attempt: number, nowMs: number): ContainerExit {
  return {
    id: 'unknown',
    attempt,
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be found when the cluster was restarted',
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
  }
}
