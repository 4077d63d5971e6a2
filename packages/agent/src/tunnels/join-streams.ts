import type { Duplex } from 'node:stream'
import { endAbruptly } from './as-socket.ts'

/** Bytes both ways, each direction with its own end; what breaks on one side breaks the other. */
export function joinStreams(one: Duplex, other: Duplex): void {
  one.pipe(other)
  other.pipe(one)
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => endAbruptly(to))
    from.once('close', () => {
      // After an orderly end of both directions the other has all of it, though it may not have sent it yet.
      if (!from.readableEnded || !from.writableFinished) endAbruptly(to)
    })
  }
}
