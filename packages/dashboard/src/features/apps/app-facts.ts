import type { AppPhase, ExecutingApp, RemoteApp } from '@porpulsion/contract'

/** What lists say of an app, whichever side of it we are. */
export interface AppFacts {
  /** At the submitter. */
  readonly namespace: string
  readonly name: string
  readonly image: string
  /** Who runs it, or whose it is. */
  readonly peer: string
  readonly phase: AppPhase
  readonly wanted: number
  readonly ready: number
  readonly labels: Readonly<Record<string, string>>
}

export function submittedFacts({ metadata, spec, status }: RemoteApp): AppFacts {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    image: spec.image,
    peer: spec.targetPeer,
    phase: metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Pending') : 'Deleting',
    wanted: spec.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    labels: { ...metadata.labels, ...spec.labels },
  }
}

export function hostedFacts({ metadata, spec, status }: ExecutingApp): AppFacts {
  return {
    namespace: spec.submitter.namespace,
    name: spec.submitter.name,
    image: spec.app.image,
    peer: spec.peer.name,
    phase: metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Pending') : 'Deleting',
    wanted: spec.app.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    labels: { ...spec.app.labels },
  }
}
