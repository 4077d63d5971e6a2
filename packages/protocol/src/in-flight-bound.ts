import { DeliveryRate } from './delivery-rate.ts'
import type { SessionLimits } from './limits.ts'
import { RoundTrip } from './round-trip.ts'

/**
 * How much of what we sent may be unacknowledged. Sockets and ingresses on the way buffer megabytes;
 * whatever lies there stands before anything urgent. So the session keeps the path full, plus a queue
 * of some milliseconds, and everything else with itself, where it can still be reordered.
 */
export class InFlightBound {
  readonly #limits: InFlightLimits
  readonly #rate = new DeliveryRate()
  readonly roundTrip = new RoundTrip()
  #probe: ProbeState = { kind: 'none' }
  #heldUntil = 0
  #heldAt = Number.NEGATIVE_INFINITY

  constructor(limits: InFlightLimits) {
    this.#limits = limits
  }

  get inFlightBytes(): number {
    return this.#rate.inFlightBytes
  }

  get deliveryRate(): number {
    return this.#rate.bytesPerMs
  }

  get boundBytes(): number {
    const { minInFlightBytes, maxInFlightBytes, queueTargetMs } = this.#limits
    const { minMs } = this.roundTrip
    if (minMs === undefined) return minInFlightBytes
    const path = this.#rate.bytesPerMs * (minMs + queueTargetMs)
    return Math.floor(Math.min(maxInFlightBytes, Math.max(minInFlightBytes, path)))
  }

  /** What may be sent now. */
  allowance(): number {
    return Math.max(0, this.boundBytes - this.inFlightBytes)
  }

  /** … of bulk, which is held back while the bare path is measured. */
  bulkAllowance(now: number): number {
    if (this.#probe.kind === 'none' && now >= this.#heldUntil) return this.allowance()
    return Math.max(0, this.#limits.minInFlightBytes - this.inFlightBytes)
  }

  sent(bytes: number, now: number): void {
    this.#rate.sent(bytes, now)
  }

  ranDry(): void {
    this.#rate.ranDry()
  }

  /** False if more is acknowledged than was sent. */
  acknowledge(bytes: number, now: number): boolean {
    return this.#rate.acknowledge(bytes, now, this.roundTrip.minMs)
  }

  /** The peer measures the path: its answer must not wait behind our bulk. Not at its whim, though. */
  holdForPeer(now: number): void {
    if (now - this.#heldAt < holdAtMostEveryMs) return
    this.#heldAt = now
    this.#heldUntil = now + Math.min(longestHoldMs, 2 * (this.roundTrip.smoothedMs ?? 0))
  }

  /**
   * Whether to send a Quiet ping now. A measurement takes two of them, one after the other: the
   * first tells the peer to hold back, too, and its answer still meets the peer's queue.
   */
  wantsQuietPing(now: number): boolean {
    if (this.#probe.kind === 'none' && this.roundTrip.isStale(now)) {
      this.#probe = { kind: 'draining', pingsLeft: 2, bestMs: Number.POSITIVE_INFINITY }
    }
    return this.#probe.kind === 'draining' && this.inFlightBytes <= this.#limits.minInFlightBytes
  }

  quietPingSent(): void {
    if (this.#probe.kind === 'draining') this.#probe = { ...this.#probe, kind: 'waiting' }
  }

  quietPingAnswered(rttMs: number, now: number): void {
    if (this.#probe.kind !== 'waiting') return
    const pingsLeft = this.#probe.pingsLeft - 1
    const bestMs = Math.min(this.#probe.bestMs, rttMs)
    if (pingsLeft > 0) {
      this.#probe = { kind: 'draining', pingsLeft, bestMs }
      return
    }
    this.roundTrip.renew(bestMs, now)
    this.#probe = { kind: 'none' }
  }
}

export type InFlightLimits = Pick<
  SessionLimits,
  'minInFlightBytes' | 'maxInFlightBytes' | 'queueTargetMs'
>

type ProbeState =
  | { readonly kind: 'none' }
  /** Bulk is held; the ping goes out when little enough is in flight. */
  | { readonly kind: 'draining'; readonly pingsLeft: number; readonly bestMs: number }
  | { readonly kind: 'waiting'; readonly pingsLeft: number; readonly bestMs: number }

const longestHoldMs = 500
const holdAtMostEveryMs = 5_000
