import type { Clock, UsageReading, Usage } from '../registry/ports.ts'

/** What was used up to a moment: CPU as a sum since the beginning, memory as it is. */
export interface UsageSample {
  readonly node: UsageTotal
  /** By container, whatever the key. */
  readonly containers: ReadonlyMap<string, UsageTotal>
}

export interface UsageTotal {
  readonly cpuMs: number
  readonly memoryBytes: number
}

const sampleEveryMs = 10_000
/** Who asks first waits this long: a rate takes two samples. */
const firstWindowMs = 1_000
/** Nobody looks any more. */
const idleAfterMs = 60_000

interface TimedSample extends UsageSample {
  readonly atMs: number
}

/** Turns samples into rates, and takes samples only while somebody looks. */
export class UsageSampler {
  readonly #clock: Clock
  readonly #sample: () => UsageSample
  /** While somebody looks. */
  #before: TimedSample | undefined
  #latest: TimedSample | undefined
  #starting: Promise<void> | undefined
  #askedAtMs = 0
  #cancel = (): void => undefined

  constructor(clock: Clock, sample: () => UsageSample) {
    this.#clock = clock
    this.#sample = sample
  }

  async read(): Promise<UsageReading> {
    this.#askedAtMs = this.#clock.now()
    if (this.#before === undefined) await (this.#starting ??= this.#start())
    const { before, latest } = { before: this.#before, latest: this.#latest }
    if (before === undefined || latest === undefined) throw new Error('the sampler was stopped')
    const windowMs = Math.max(1, latest.atMs - before.atMs)
    return {
      atMs: latest.atMs,
      windowMs,
      node: rate(before.node, latest.node, windowMs),
      containers: new Map(
        [...latest.containers].map(([key, total]) => [
          key,
          rate(before.containers.get(key), total, windowMs),
        ]),
      ),
    }
  }

  stop(): void {
    this.#cancel()
    this.#before = undefined
    this.#latest = undefined
    this.#starting = undefined
  }

  async #start(): Promise<void> {
    this.#latest = this.#take()
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimeout(resolve, firstWindowMs)
      this.#cancel = () => {
        cancel()
        resolve()
      }
    })
    if (this.#starting !== undefined) this.#next()
  }

  #next(): void {
    this.#before = this.#latest
    this.#latest = this.#take()
    this.#cancel = this.#clock.setTimeout(() => {
      if (this.#clock.now() - this.#askedAtMs < idleAfterMs) this.#next()
      else this.stop()
    }, sampleEveryMs)
  }

  #take(): TimedSample {
    return { atMs: this.#clock.now(), ...this.#sample() }
  }
}

/** What was not there before began within the window. A sum falls when a part of it ends; that is no negative use. */
function rate(before: UsageTotal | undefined, now: UsageTotal, windowMs: number): Usage {
  const usedMs = Math.max(0, now.cpuMs - (before?.cpuMs ?? 0))
  return { cpuCores: usedMs / windowMs, memoryBytes: now.memoryBytes }
}
