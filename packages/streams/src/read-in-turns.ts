import type { Duplex } from 'node:stream'
import { LoopShare } from './loop-share.ts'

/** What the frames of one connection may take of a turn of the event loop; then all others are served first. */
const maxTurnMs = 5

/** Hands a session what its connection reads, and lets it rest when the frames in it take too long. */
export function readInTurns(connection: Duplex, onBytes: (bytes: Uint8Array) => void): void {
  const share = new LoopShare(maxTurnMs, {
    rest: () => connection.pause(),
    goOn: () => connection.resume(),
  })
  connection.on('data', (bytes: Uint8Array) => {
    const begunAt = performance.now()
    onBytes(bytes)
    share.spend(performance.now() - begunAt)
  })
}
