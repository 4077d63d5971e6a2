import type { Container, Probe } from 'kubernetes-types/core/v1.js'
import type { Clock } from '../registry/ports.ts'
import { runProbe, type ProbeTarget } from './probe.ts'
import { Prober } from './prober.ts'

type ProbeKind = 'startup' | 'liveness' | 'readiness'

export interface ContainerProbesDeps {
  readonly clock: Clock
  readonly target: ProbeTarget
  /** `isStarted` or `isReady` is another than before. */
  readonly onChange: () => void
  readonly onFailure: (kind: ProbeKind, message: string) => void
  /** The container is beyond help: it has to be ended. Told once; nothing is probed after it. */
  readonly onDead: (kind: 'startup' | 'liveness', probe: Probe) => void
}

/** The probes of one run of one container, and what follows from them. */
export class ContainerProbes {
  readonly #container: Container
  readonly #deps: ContainerProbesDeps
  readonly #probers = new Set<Prober>()
  #isStarted: boolean
  #isReady: boolean

  /** `before`: what was known of a run that an earlier cluster process began. Until it is probed anew, that holds. */
  constructor(
    container: Container,
    deps: ContainerProbesDeps,
    before: { readonly isStarted: boolean; readonly isReady: boolean },
  ) {
    this.#container = container
    this.#deps = deps
    this.#isStarted = before.isStarted
    this.#isReady = before.isReady
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get isReady(): boolean {
    return this.#isReady
  }

  start(): void {
    const { startupProbe } = this.#container
    if (startupProbe !== undefined && !this.#isStarted) this.#probeStart(startupProbe)
    else this.#started()
  }

  stop(): void {
    for (const prober of this.#probers) prober.stop()
    this.#probers.clear()
  }

  #probeStart(startupProbe: Probe): void {
    this.#probe('startup', startupProbe, (isSuccess) => {
      this.stop()
      if (isSuccess) {
        this.#started()
        this.#deps.onChange()
      } else this.#deps.onDead('startup', startupProbe)
    })
  }

  /** The other probes begin only now: a program that starts slowly is neither dead nor expected to be ready. */
  #started(): void {
    this.#isStarted = true
    const { livenessProbe, readinessProbe } = this.#container
    if (readinessProbe === undefined) this.#isReady = true
    else {
      this.#probe('readiness', readinessProbe, (isSuccess) => {
        this.#isReady = isSuccess
        this.#deps.onChange()
      })
    }
    if (livenessProbe === undefined) return
    this.#probe('liveness', livenessProbe, (isSuccess) => {
      if (isSuccess) return
      this.stop()
      this.#deps.onDead('liveness', livenessProbe)
    })
  }

  #probe(kind: ProbeKind, probe: Probe, onOutcome: (isSuccess: boolean) => void): void {
    const { clock, target, onFailure } = this.#deps
    this.#probers.add(
      new Prober(probe, {
        clock,
        look: () => runProbe(probe, target),
        onOutcome,
        onFailure: (message) => onFailure(kind, message),
      }),
    )
  }
}
