import type { Clock as ChannelClock } from '@porpulsion/protocol'
import type { Clock } from '../observability/index.ts'

/**
 * Time as a session wants it. Monotonic: a wall clock that is set forward must not make every peer look silent at once.
 */
export function channelClock(clock: Clock, monotonicNow: () => number): ChannelClock {
  return {
    now: monotonicNow,
    schedule: (delayMs, callback) => clock.setTimeout(callback, delayMs),
  }
}
