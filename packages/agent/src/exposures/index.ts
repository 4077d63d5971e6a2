/**
 * Ports of our apps at peers, reachable in our own cluster (`ports[].expose`): the agent listens for each, a Service
 * leads there, and what comes in goes over the link.
 *
 * Must not know: how an app is found and a connection to it opened (it declares `ExposedApps` and is given `open`), nor
 * what the owner of the host allows: every connection is asked for there.
 */
export type { ExposurePlace, ExposureReport } from './exposure.ts'
export type { ExposedApp, ExposedAppPort, ExposedApps } from './kube-exposed-apps.ts'
export {
  createExposures,
  type Exposures,
  type ExposuresDeps,
  type ExposuresOptions,
} from './kube-exposures.ts'
export { DEFAULT_LISTENER_PORTS } from './limits.ts'
export type { PortRange } from './listener-ports.ts'
