/** What exposures ask of the feature that knows our apps; `agent.ts` wires it. */
import type { KubeObject, ObjectRef, Stored } from '@porpulsion/kube'

/** One of our apps that wants ports of it to be reachable here. */
export interface ExposedApp {
  /** What Services belong to, and events are about. */
  readonly resource: Stored<KubeObject>
  /** TCP ports with `expose: true`; never empty. */
  readonly ports: readonly ExposedAppPort[]
}

export interface ExposedAppPort {
  readonly name: string
  readonly port: number
}

export interface ExposedApps {
  /** Undefined also for an app that exposes nothing, or is being deleted. From memory. */
  get(ref: ObjectRef): ExposedApp | undefined
  whenSynced(signal: AbortSignal): Promise<void>
  /** Tells of every app that came, changed or went. */
  onChange(listener: (ref: ObjectRef) => void): () => void
}
