import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import { carryConnection } from './carry-connection.ts'
import { isProblem, type PortExposure, type Problem } from './exposure.ts'
import { listenOnFree, type ExposedPortListener } from './exposed-port-listener.ts'
import { MAX_CONNECTIONS_PER_APP } from './limits.ts'
import { listenerPortsToTry, sizeOf, type PortRange } from './listener-ports.ts'
import { createRefusedConnections, type RefusedConnections } from './refused-connections.ts'

export interface AppExposureDeps {
  /** Opens a connection to a port of this app at its peer. */
  readonly open: (port: number, signal: AbortSignal) => Promise<Duplex>
  readonly clock: Clock
  readonly tell: (refusal: Problem, isPassing: boolean) => void
  readonly changed: () => void
  /** Every connection that came, and what became of it: `undefined` is well. */
  readonly onConnection: (port: number, from: string, error: unknown) => void
}

export interface AppExposureOptions {
  readonly uid: string
  readonly range: PortRange
  /** Address to listen on. */
  readonly host: string
}

/** Of the ports of one range, which one an exposed port may have. */
export interface PortHistory {
  readonly previous: number | undefined
  readonly reserved: ReadonlySet<number>
}

/** The listeners of one app, and what goes through them. */
export class AppExposure {
  readonly #deps: AppExposureDeps
  readonly #options: AppExposureOptions
  readonly #listeners = new Map<number, ExposedPortListener>()
  readonly #connections = new Map<Socket, number>()
  readonly #refusals: RefusedConnections
  #isStopped = false

  constructor(deps: AppExposureDeps, options: AppExposureOptions) {
    this.#deps = deps
    this.#options = options
    this.#refusals = createRefusedConnections(deps)
  }

  get uid(): string {
    return this.#options.uid
  }

  refusalOf(port: number): Problem | undefined {
    return this.#refusals.refusalOf(port)
  }

  /** Listens for these ports and no others. Connections to ports that are not exposed any more are cut. */
  async listen(
    ports: readonly number[],
    historyOf: (port: number) => PortHistory,
  ): Promise<PortExposure[]> {
    for (const port of this.#listeners.keys()) if (!ports.includes(port)) this.#close(port)
    const exposed: PortExposure[] = []
    for (const port of ports) {
      const listener = await this.#listenerFor(port, historyOf(port))
      const refusal = isProblem(listener) ? undefined : this.#refusals.refusalOf(port)
      exposed.push({ port, listener, refusal })
    }
    return exposed
  }

  /** Cuts everything. Idempotent. */
  stop(): void {
    this.#isStopped = true
    for (const port of this.#listeners.keys()) this.#close(port)
    this.#refusals.stop()
  }

  async #listenerFor(port: number, history: PortHistory): Promise<ExposedPortListener | Problem> {
    const known = this.#listeners.get(port)
    if (known !== undefined) return known
    const { range, host, uid } = this.#options
    const candidates = listenerPortsToTry(range, { uid, port }, history)
    const outcome = await listenOnFree(candidates, host, (socket) => this.#accept(port, socket))
    if (outcome.kind === 'none-free') return noneFree(port, range)
    if (outcome.kind === 'failed') return cannotListen(host, outcome.error)
    if (this.#isStopped) outcome.listener.stop()
    else this.#listeners.set(port, outcome.listener)
    return outcome.listener
  }

  #close(port: number): void {
    this.#listeners.get(port)?.stop()
    this.#listeners.delete(port)
    for (const [socket, target] of this.#connections) if (target === port) socket.resetAndDestroy()
  }

  #accept(port: number, socket: Socket): void {
    const from = socket.remoteAddress ?? ''
    if (this.#connections.size >= MAX_CONNECTIONS_PER_APP) {
      socket.resetAndDestroy()
      this.#told(port, from, tooMany())
      return
    }
    this.#connections.set(socket, port)
    carryConnection(
      socket,
      (signal) => this.#deps.open(port, signal),
      () => this.#connections.delete(socket),
    ).then(
      (end) => {
        if (end === 'joined') this.#told(port, from, undefined)
      },
      (error: unknown) => this.#told(port, from, error),
    )
  }

  #told(port: number, from: string, error: unknown): void {
    if (this.#isStopped) return
    if (error === undefined) this.#refusals.passed(port)
    else this.#refusals.refused(port, error)
    this.#deps.onConnection(port, from, error)
  }
}

const noneFree = (port: number, range: PortRange): Problem => ({
  code: 'NoExposedPort',
  message: `None of the ${sizeOf(range)} ports ${range.first}-${range.last} that this agent may listen on is free for port ${port}; expose fewer ports, or set PORPULSION_EXPOSE_PORTS to a larger range`,
})

const cannotListen = (host: string, error: Error): Problem => ({
  code: 'NoExposedPort',
  message: `This agent cannot listen on ${host}: ${error.message}; set PORPULSION_EXPOSE_HOST to an address of its machine`,
})

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `There are ${MAX_CONNECTIONS_PER_APP} connections to exposed ports of this app; try again`,
    { retryAfterSeconds: 1 },
  )
