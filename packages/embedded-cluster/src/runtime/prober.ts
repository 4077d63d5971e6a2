import type { Probe } from 'kubernetes-types/core/v1.js'
import type { Clock } from '../registry/ports.ts'
import type { ProbeVerdict } from './probe.ts'

export interface ProberDeps {
  readonly clock: Clock
  readonly look: () => Promise<ProbeVerdict>
  /** The thresholds were reached: success or failure from now on. Told on changes only, and first of all. */
  readonly onOutcome: (isSuccess: boolean) => void
  /** Every single failure. */
  readonly onFailure: (message: string) => void
}

/** Looks at a container again and again, and makes up its mind only after as many equal answers as the probe asks for. */
export class Prober {
  readonly #probe: Probe
  readonly #deps: ProberDeps
  #cancel: () => void
  #isStopped = false
  #outcome: boolean | undefined
  #latest: boolean | undefined
  #inRow = 0

  constructor(probe: Probe, deps: ProberDeps) {
    this.#probe = probe
    this.#deps = deps
    this.#cancel = deps.clock.setTimeout(
      () => this.#look(),
      (probe.initialDelaySeconds ?? 0) * 1000,
    )
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  #look(): void {
    const startedAtMs = this.#deps.clock.now()
    this.#deps.look().then(
      (verdict) => this.#judge(verdict, startedAtMs),
      (error: unknown) => this.#judge({ ok: false, message: String(error) }, startedAtMs),
    )
  }

  #judge(verdict: ProbeVerdict, startedAtMs: number): void {
    if (this.#isStopped) return
    this.#inRow = verdict.ok === this.#latest ? this.#inRow + 1 : 1
    this.#latest = verdict.ok
    if (!verdict.ok) this.#deps.onFailure(verdict.message)
    const { successThreshold = 1, failureThreshold = 3, periodSeconds = 10 } = this.#probe
    if (
      this.#inRow >= (verdict.ok ? successThreshold : failureThreshold) &&
      this.#outcome !== verdict.ok
    ) {
      this.#outcome = verdict.ok
      this.#deps.onOutcome(verdict.ok)
    }
    this.#lookAgain(Math.max(0, periodSeconds * 1000 - (this.#deps.clock.now() - startedAtMs)))
  }

  /** Unless whoever heard the outcome has stopped us. */
  #lookAgain(waitMs: number): void {
    if (!this.#isStopped) this.#cancel = this.#deps.clock.setTimeout(() => this.#look(), waitMs)
  }
}
