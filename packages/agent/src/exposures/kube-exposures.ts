import type { Duplex } from 'node:stream'
import { EventRecorder, type InformerDeps } from '@porpulsion/kube'
import type { Audit } from '../audit/index.ts'
import type { NewNotification } from '../notifications/index.ts'
import type { Logger, Metrics } from '../observability/index.ts'
import { ExposureController, type ExposureControllerOptions } from './exposure-controller.ts'
import type { ExposureReport } from './exposure.ts'
import type { ExposedApps } from './kube-exposed-apps.ts'
import { KubeLocalServiceStore } from './kube-local-service-store.ts'

export interface ExposuresDeps extends InformerDeps {
  readonly apps: ExposedApps
  /** A connection to a port of an app of ours, by its uid; refusals in words for people. */
  readonly open: (uid: string, port: number, signal: AbortSignal) => Promise<Duplex>
  /** What `reportOf` answers for this app may have changed. */
  readonly changed: (uid: string) => void
  readonly notify: (notification: NewNotification) => Promise<void>
  readonly audit: Audit
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface ExposuresOptions extends ExposureControllerOptions {
  /** Where the apps and their Services are. */
  readonly namespace: string
  /** Of the agent, for events. */
  readonly agentName: string
}

export interface Exposures {
  /** Undefined until the app has been looked at. From memory. */
  reportOf(uid: string): ExposureReport | undefined
  start(signal: AbortSignal): Promise<void>
  /** Closes listeners and cuts connections; Services stay, for the next start to serve them again. */
  stop(): Promise<void>
  whenIdle(): Promise<void>
}

export function createExposures(deps: ExposuresDeps, options: ExposuresOptions): Exposures {
  const { place, namespace, agentName } = options
  const events = new EventRecorder(deps, { component: 'porpulsion-agent', instance: agentName })
  const services = new KubeLocalServiceStore(deps, { namespace, place })
  const controller = new ExposureController({ ...deps, events, services }, options)
  return {
    reportOf: (uid) => controller.reportOf(uid),
    start: (signal) => controller.start(signal),
    async stop() {
      await controller.stop()
      await events.stop()
    },
    whenIdle: () => controller.whenIdle(),
  }
}
