/** Our apps with `expose: true`, for the feature that serves them in this cluster; and what it says of them. */
import {
  AppConditionType,
  type Condition,
  type RemoteAppSpec,
  type RemoteAppStatus,
} from '@porpulsion/contract'
import { isBeingDeleted, setCondition, type Clock, type ObjectRef } from '@porpulsion/kube'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import { normalisePort } from './normalise-app-spec.ts'

export interface ExposedPorts {
  readonly resource: StoredRemoteApp
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

/** What whoever serves exposed ports has to say of those of an app. */
export interface LocalServiceReport {
  readonly localService: NonNullable<RemoteAppStatus['localService']>
  readonly condition: Pick<Condition, 'status' | 'reason' | 'message'>
}

/** Undefined until somebody looked at the app. */
export type LocalServiceOf = (uid: string) => LocalServiceReport | undefined

export class KubeExposedApps {
  readonly #store: KubeRemoteAppStore

  constructor(store: KubeRemoteAppStore) {
    this.#store = store
  }

  /** Undefined also for an app that exposes nothing, or is being deleted. */
  get(ref: ObjectRef): ExposedPorts | undefined {
    const resource = this.#store.get(ref)
    if (resource === undefined || isBeingDeleted(resource)) return undefined
    const ports = exposedPorts(resource.spec)
    return ports.length === 0 ? undefined : { resource, ports }
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#store.informers.map((informer) => informer.whenSynced(signal)))
  }

  /** What is there already is told at once. */
  onChange(listener: (ref: ObjectRef) => void): () => void {
    return this.#store.on(({ app }) => listener(app.metadata))
  }
}

/** Each number once: of two Services' ports with one number only one could be reached. */
function exposedPorts({ ports = [] }: RemoteAppSpec): { name: string; port: number }[] {
  const exposed = ports
    .filter(({ expose = false, protocol = 'TCP' }) => expose && protocol === 'TCP')
    .map(normalisePort)
  return [...new Map(exposed.map(({ name, port }) => [port, { name, port }])).values()]
}

/**
 * Into a status: what was said before stays until there is something newer, so that a restart does not make it flap;
 * what is not exposed has none.
 */
export function withLocalService(
  status: RemoteAppStatus,
  app: Pick<StoredRemoteApp, 'spec' | 'metadata' | 'status'>,
  report: LocalServiceReport | undefined,
  clock: Clock,
): RemoteAppStatus {
  const { localService: _, ...rest } = status
  if (isBeingDeleted(app) || exposedPorts(app.spec).length === 0)
    return {
      ...rest,
      conditions: status.conditions.filter(({ type }) => type !== AppConditionType.Exposed),
    }
  const localService = report?.localService ?? app.status?.localService
  const { generation } = app.metadata
  return {
    ...rest,
    ...(localService && { localService }),
    ...(report && {
      conditions: setCondition(
        status.conditions,
        {
          type: AppConditionType.Exposed,
          ...report.condition,
          ...(generation !== undefined && { observedGeneration: generation }),
        },
        clock,
      ),
    }),
  }
}
