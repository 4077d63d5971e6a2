/**
 * Makes this cluster have what our apps expose: a listener for each port, and a Service that leads to it. Nothing is
 * remembered beside the Services: the port of a listener stands in the one it was made for.
 */
import type { Duplex } from 'node:stream'
import { isPorpulsionError } from '@porpulsion/contract'
import {
  changesOfOwned,
  Controller,
  objectKey,
  type ControllerDeps,
  type EventRecorder,
  type ObjectRef,
  type ReconcileResult,
} from '@porpulsion/kube'
import { ANYONE, outcomeOf, type Audit } from '../audit/index.ts'
import type { NewNotification } from '../notifications/index.ts'
import type { Logger, Metrics } from '../observability/index.ts'
import { AppExposure } from './app-exposure.ts'
import {
  exposureReport,
  isProblem,
  type Exposure,
  type ExposurePlace,
  type ExposureReport,
  type PortExposure,
  type Problem,
} from './exposure.ts'
import type { ExposedApp, ExposedApps } from './kube-exposed-apps.ts'
import type { KubeLocalServiceStore } from './kube-local-service-store.ts'
import { RETRY_LISTEN_MS } from './limits.ts'
import type { PortRange } from './listener-ports.ts'

export interface ExposureControllerDeps extends ControllerDeps {
  readonly apps: ExposedApps
  readonly services: KubeLocalServiceStore
  /** A connection to a port of an app of ours, by its uid. */
  readonly open: (uid: string, port: number, signal: AbortSignal) => Promise<Duplex>
  /** What `reportOf` answers for this app may have changed. */
  readonly changed: (uid: string) => void
  readonly events: EventRecorder
  readonly notify: (notification: NewNotification) => Promise<void>
  readonly audit: Audit
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface ExposureControllerOptions {
  readonly place: ExposurePlace
  readonly range: PortRange
  readonly host: string
}

/** What is there for one app. */
interface Kept {
  readonly listeners: AppExposure
  exposure: Exposure | undefined
}

export class ExposureController {
  readonly #deps: ExposureControllerDeps
  readonly #options: ExposureControllerOptions
  readonly #controller: Controller
  readonly #connections
  /** By namespace and name: a re-created namesake takes the place of the old one. */
  readonly #kept = new Map<string, Kept>()

  constructor(deps: ExposureControllerDeps, options: ExposureControllerOptions) {
    this.#deps = deps
    this.#options = options
    const { apps, services, metrics } = deps
    this.#connections = metrics.counter(
      'porpulsion_exposed_connections_total',
      'Connections to Services of exposed ports, by what became of them.',
      ['outcome'],
    )
    this.#controller = new Controller(deps, {
      name: 'exposures',
      sources: [
        { whenSynced: (signal) => apps.whenSynced(signal), subscribe: (on) => apps.onChange(on) },
        changesOfOwned(services.informer, { kind: 'RemoteApp', namespaced: true }),
      ],
      reconcile: (ref, signal) => this.#reconcile(ref, signal),
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#deps.services.informer.start(signal)
    await this.#controller.start(signal)
  }

  async stop(): Promise<void> {
    await this.#controller.stop()
    await this.#deps.services.informer.stop()
    for (const { listeners } of this.#kept.values()) listeners.stop()
    this.#kept.clear()
  }

  /** Undefined until the app has been looked at. */
  reportOf(uid: string): ExposureReport | undefined {
    const { place, host } = this.#options
    for (const { listeners, exposure } of this.#kept.values())
      if (listeners.uid === uid && exposure !== undefined)
        return exposureReport(withRefusals(exposure, listeners), place, host)
    return undefined
  }

  async whenIdle(): Promise<void> {
    await this.#controller.whenIdle()
  }

  async #reconcile(ref: ObjectRef, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { apps, services } = this.#deps
    const app = apps.get(ref)
    const kept = this.#keptFor(ref, app)
    if (app === undefined || kept === undefined) {
      await services.removeAll(services.ofApp(ref), signal)
      return undefined
    }
    const exposure = await this.#expose(app, kept.listeners, signal)
    kept.exposure = exposure
    this.#deps.changed(app.resource.metadata.uid)
    const isWhole = exposure.ports.every(({ listener }) => !isProblem(listener))
    return isWhole ? undefined : { requeueAfterMs: RETRY_LISTEN_MS }
  }

  /** Whatever was there for another app of this name, or is wanted no more, ends. */
  #keptFor(ref: ObjectRef, app: ExposedApp | undefined): Kept | undefined {
    const key = objectKey(ref)
    const known = this.#kept.get(key)
    const uid = app?.resource.metadata.uid
    if (known !== undefined && known.listeners.uid === uid) return known
    known?.listeners.stop()
    this.#kept.delete(key)
    if (app === undefined) return undefined
    const kept = { listeners: this.#listenersOf(ref, app), exposure: undefined }
    this.#kept.set(key, kept)
    return kept
  }

  /** Listeners first: a Service that leads to nobody refuses connections. */
  async #expose(app: ExposedApp, listeners: AppExposure, signal: AbortSignal): Promise<Exposure> {
    const { services } = this.#deps
    const { resource } = app
    const reserved = services.portsOfOthers(resource)
    const ports = await listeners.listen(
      app.ports.map(({ port }) => port),
      (port) => ({ previous: services.listenerPortOf(resource, port), reserved }),
    )
    const service = await this.#ensureService(app, ports, signal)
    return { namespace: resource.metadata.namespace ?? '', service, ports }
  }

  async #ensureService(
    { resource, ports }: ExposedApp,
    exposed: readonly PortExposure[],
    signal: AbortSignal,
  ): Promise<Exposure['service']> {
    const { services } = this.#deps
    const listening = exposed.flatMap(({ port, listener }) =>
      isProblem(listener)
        ? []
        : ports
            .filter((one) => one.port === port)
            .map(({ name }) => ({ name, port, listenerPort: listener.port })),
    )
    if (listening.length === 0) {
      await services.removeAll(services.ofApp(resource.metadata), signal)
      return undefined
    }
    try {
      return { name: await services.ensure(resource, listening, signal) }
    } catch (error) {
      // What Kubernetes refuses it refuses again; the app's status says so.
      if (!isPorpulsionError(error)) throw error
      return { code: error.code, message: error.message }
    }
  }

  #listenersOf(ref: ObjectRef, { resource }: ExposedApp): AppExposure {
    const { open, clock, changed } = this.#deps
    const { uid } = resource.metadata
    const { range, host } = this.#options
    return new AppExposure(
      {
        clock,
        open: (port, signal) => open(uid, port, signal),
        changed: () => changed(uid),
        tell: (refusal, isPassing) => this.#tellRefusal(ref, refusal, isPassing),
        onConnection: (port, from, error) => this.#record(ref, port, from, error),
      },
      { uid, range, host },
    )
  }

  #tellRefusal(ref: ObjectRef, { code, message }: Problem, isPassing: boolean): void {
    const { apps, events, notify, logger } = this.#deps
    const resource = apps.get(ref)?.resource
    if (resource === undefined) return
    const { name, namespace, uid } = resource.metadata
    logger.info({ remoteApp: ref, code }, 'Refused a connection to an exposed port')
    events.record(resource, { type: 'Warning', reason: code, message })
    if (isPassing) return
    void notify({
      reason: 'ExposedPortRefused',
      message: `App "${name}": ${message}`,
      severity: 'warning',
      about: { kind: 'RemoteApp', name, uid, ...(namespace !== undefined && { namespace }) },
    })
  }

  /** A client that never tires is one entry a minute. */
  #record({ namespace, name }: ObjectRef, port: number, from: string, error: unknown): void {
    const outcome =
      error === undefined ? 'done' : isPorpulsionError(error) ? outcomeOf(error.kind) : 'failed'
    this.#connections.inc({ outcome })
    const reason = isPorpulsionError(error) ? error.code : 'InternalError'
    this.#deps.audit.record(
      {
        actor: ANYONE,
        action: 'openTunnel',
        about: `remoteapp/${namespace ?? ''},${name}:${port}`,
        outcome,
        from,
        ...(error !== undefined && { reason }),
      },
      'frequent',
    )
  }
}

/** Connections come and go between two looks at the app. */
const withRefusals = (exposure: Exposure, listeners: AppExposure): Exposure => ({
  ...exposure,
  ports: exposure.ports.map((port) => ({ ...port, refusal: listeners.refusalOf(port.port) })),
})
