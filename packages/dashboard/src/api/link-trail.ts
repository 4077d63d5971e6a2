/** What links carried in the last minute, as the event stream told it: enough for the shape of a line. */
import type { LinkFigures } from '@porpulsion/contract'

/** By peer; bytes by the second, both ways together, oldest first. */
export type LinkTrails = Readonly<Record<string, readonly number[]>>

/** One is told every two seconds. */
const MAX_POINTS = 30

/** What an event does not tell of stayed as it was. */
export function withPoint(trails: LinkTrails, figures: readonly LinkFigures[]): LinkTrails {
  return Object.fromEntries(
    figures.map(({ peer, receivedBytesPerSecond, sentBytesPerSecond }) => [
      peer,
      [...(trails[peer] ?? []), receivedBytesPerSecond + sentBytesPerSecond].slice(-MAX_POINTS),
    ]),
  )
}
