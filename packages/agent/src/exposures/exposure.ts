/** What there is to say about the exposed ports of one app, and how it is said. */
import { AppReason, type ConditionStatus, type RemoteAppStatus } from '@porpulsion/contract'

/** Where connections to exposed ports come in. */
export type ExposurePlace =
  /** Services lead to the agent's pods, chosen by these labels. */
  | { readonly kind: 'pods'; readonly selector: Readonly<Record<string, string>> }
  /** The agent is no pod of its cluster: nothing there leads to it, but programs on its machine reach it. */
  | { readonly kind: 'machine' }

export interface Problem {
  readonly code: string
  readonly message: string
}

export interface PortExposure {
  /** Of the app. */
  readonly port: number
  readonly listener: { readonly port: number } | Problem
  /** What became of the last connection, if it was turned away for good. */
  readonly refusal: Problem | undefined
}

export interface Exposure {
  readonly namespace: string
  /** Undefined while no port has a listener. */
  readonly service: { readonly name: string } | Problem | undefined
  readonly ports: readonly PortExposure[]
}

/** As it goes into the status of the app. */
export interface ExposureReport {
  readonly localService: NonNullable<RemoteAppStatus['localService']>
  readonly condition: {
    readonly status: ConditionStatus
    readonly reason: string
    readonly message: string
  }
}

export const isProblem = (value: object): value is Problem => 'code' in value

export function exposureReport(
  exposure: Exposure,
  place: ExposurePlace,
  host: string,
): ExposureReport {
  const { service } = exposure
  const name = service !== undefined && !isProblem(service) ? service.name : undefined
  const ports = exposure.ports.map((port) => {
    const address = addressOf(port, exposure, place, host)
    const message = problemOf(port, service)?.message
    return {
      port: port.port,
      ...(address !== undefined && { address }),
      ...(message !== undefined && { message }),
    }
  })
  return {
    localService: { ...(name !== undefined && { name }), ports },
    condition: conditionOf(exposure, place, ports),
  }
}

/** What a client in this cluster, or on this machine, connects to. */
function addressOf(
  { port, listener }: PortExposure,
  { service, namespace }: Exposure,
  place: ExposurePlace,
  host: string,
): string | undefined {
  if (isProblem(listener)) return undefined
  if (place.kind === 'machine') return `${host}:${listener.port}`
  if (service === undefined || isProblem(service)) return undefined
  return `${service.name}.${namespace}.svc:${port}`
}

/** In the order of what has to be mended first. */
const problemOf = (
  { listener, refusal }: PortExposure,
  service: Exposure['service'],
): Problem | undefined =>
  isProblem(listener) ? listener : service !== undefined && isProblem(service) ? service : refusal

function conditionOf(
  { ports, service }: Exposure,
  place: ExposurePlace,
  shown: ExposureReport['localService']['ports'],
): ExposureReport['condition'] {
  for (const port of ports) {
    const problem = problemOf(port, service)
    if (problem !== undefined)
      return { status: 'False', reason: problem.code, message: problem.message }
  }
  const where = shown.map(({ port, address = '' }) => `port ${port} at ${address}`).join(', ')
  const note =
    place.kind === 'machine'
      ? '; for programs on the machine of this agent, which is no pod of its cluster'
      : ''
  return { status: 'True', reason: AppReason.Exposed, message: `Reached here: ${where}${note}` }
}
