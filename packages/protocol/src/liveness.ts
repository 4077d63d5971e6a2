import type { CancelTimer, Clock, Random } from './clock.ts'
import { readUint32, writeUint32 } from './frame-codec.ts'
import { pingBytes } from './frame.ts'
import type { SessionLimits } from './limits.ts'

/**
 * Knows whether the peer is there. A Ping every ten seconds keeps ingresses from counting the
 * connection as idle and shows that both directions work; two missed ones make the session suspect;
 * when nothing at all was heard for long, it is dead, whatever the socket says.
 */
export class Liveness {
  readonly #deps: LivenessDeps
  readonly #limits: LivenessLimits
  #outstanding: Outstanding[] = []
  #heardAt = 0
  #pingedAt = 0
  #missedPings = 0
  #hasAnswered = false
  #timer: { readonly cancel: CancelTimer; readonly dueAt: number } | undefined
  #isRunning = false

  constructor(deps: LivenessDeps, limits: LivenessLimits) {
    this.#deps = deps
    this.#limits = limits
  }

  start(): void {
    this.#isRunning = true
    this.#heardAt = this.#deps.clock.now()
    this.ping()
  }

  stop(): void {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Any bytes are a sign of life: a Pong may stand in a long queue behind them. */
  heard(now: number): void {
    this.#heardAt = now
  }

  ping(purpose: PingPurpose = 'alive'): void {
    if (!this.#isRunning) return
    const now = this.#deps.clock.now()
    const payload = new Uint8Array(pingBytes)
    // Unpredictable, so that no Pong can be sent before its Ping was seen.
    writeUint32(payload, 0, Math.floor(this.#deps.random.next() * 0x1_0000_0000))
    writeUint32(payload, 4, Math.floor(this.#deps.random.next() * 0x1_0000_0000))
    const key = keyOf(payload)
    this.#outstanding.push({ key, sentAt: now, purpose, isMissed: false })
    if (this.#outstanding.length > maxOutstanding) this.#outstanding.shift()
    this.#pingedAt = now
    this.#deps.sendPing(payload, purpose)
    this.#arm(now)
  }

  /** Traffic flows: its window and bound live on fresh round trips, one a second. */
  measure(now: number): void {
    if (now - this.#pingedAt >= measureEveryMs && this.#outstanding.length === 0) this.ping()
  }

  pong(payload: Uint8Array, now: number): void {
    const key = keyOf(payload)
    const index = this.#outstanding.findIndex((ping) => ping.key === key)
    const ping = this.#outstanding[index]
    if (ping === undefined) return
    // Answers come in order: what is older and unanswered will not be answered any more.
    this.#outstanding = this.#outstanding.slice(index + 1)
    const wasSuspect = this.#missedPings >= missedUntilSuspect
    this.#missedPings = 0
    if (wasSuspect) this.#deps.onRecovered()
    const first = !this.#hasAnswered
    this.#hasAnswered = true
    this.#deps.onAnswered({ rttMs: now - ping.sentAt, first, purpose: ping.purpose })
  }

  /** Compares as `#arm` computes: a due time that is never quite reached would be armed for ever. */
  #tick(dueAt: number): void {
    this.#timer = undefined
    const now = this.#deps.clock.now()
    // Time in which this process did not run (a suspended machine, a stopped process) is not the
    // peer's silence: what it sent meanwhile still waits in the socket.
    const asleepMs = now - dueAt
    if (asleepMs > oversleptMs) this.#forgive(asleepMs)
    const isDoubtful = this.#countMissed(now)
    if (now >= this.#heardAt + this.#limits.silenceMs) {
      this.#deps.onSilent()
      return
    }
    if (isDoubtful || now >= this.#pingedAt + this.#limits.pingIntervalMs) this.ping()
    else this.#arm(now)
  }

  #forgive(ms: number): void {
    this.#heardAt += ms
    for (const ping of this.#outstanding) ping.sentAt += ms
  }

  /**
   * Whether to ask again at once: a Ping is missed and nothing else came either. The next in its turn would be missed
   * a moment before the silence is too long, and the session would be suspect for nobody to see.
   */
  #countMissed(now: number): boolean {
    let isDoubtful = false
    for (const ping of this.#outstanding) {
      if (ping.isMissed || now < ping.sentAt + this.#limits.pongTimeoutMs) continue
      ping.isMissed = true
      this.#missedPings += 1
      isDoubtful ||= this.#heardAt <= ping.sentAt
      if (this.#missedPings === missedUntilSuspect) this.#deps.onSuspect(this.#missedPings)
    }
    return isDoubtful
  }

  /** One timer for everything: whatever is due first. What is heard meanwhile only makes it too early. */
  #arm(now: number): void {
    if (!this.#isRunning) return
    const waiting = this.#outstanding.find((ping) => !ping.isMissed)
    const dueAt = Math.min(
      this.#heardAt + this.#limits.silenceMs,
      this.#pingedAt + this.#limits.pingIntervalMs,
      waiting === undefined
        ? Number.POSITIVE_INFINITY
        : waiting.sentAt + this.#limits.pongTimeoutMs,
    )
    if (this.#timer !== undefined && this.#timer.dueAt <= dueAt) return
    this.#timer?.cancel()
    const delayMs = Math.max(0, dueAt - now)
    this.#timer = { dueAt, cancel: this.#deps.clock.schedule(delayMs, () => this.#tick(dueAt)) }
  }
}

/**
 * `quiet` measures the bare path, see in-flight-bound.ts; the answer to a `barrier` shows that the
 * peer has seen all that was sent before it.
 */
export type PingPurpose = 'alive' | 'quiet' | 'barrier'

export interface LivenessDeps {
  readonly clock: Clock
  readonly random: Random
  sendPing(payload: Uint8Array, purpose: PingPurpose): void
  onAnswered(answer: {
    readonly rttMs: number
    readonly first: boolean
    readonly purpose: PingPurpose
  }): void
  onSuspect(missedPings: number): void
  onRecovered(): void
  onSilent(): void
}

export type LivenessLimits = Pick<SessionLimits, 'pingIntervalMs' | 'pongTimeoutMs' | 'silenceMs'>

interface Outstanding {
  readonly key: string
  sentAt: number
  readonly purpose: PingPurpose
  isMissed: boolean
}

const missedUntilSuspect = 2
const maxOutstanding = 8
const measureEveryMs = 1_000
const oversleptMs = 2_000

function keyOf(payload: Uint8Array): string {
  return `${readUint32(payload, 0)}.${readUint32(payload, 4)}`
}
