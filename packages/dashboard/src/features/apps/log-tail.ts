import type { LogLine } from '@porpulsion/contract'

/** Lines kept on the page; older ones are dropped from the top. */
export const MAX_LINES = 2_000
/** Pods do not write in step, so a resumed reader asks for a little more than it lacks. */
const OVERLAP_MS = 5_000

/** The newest lines, each once, however often the stream was resumed. */
export interface LogTail {
  readonly lines: readonly LogLine[]
  add(arrived: readonly LogLine[]): LogTail
  /** What to ask for to go on after these lines; `undefined` when there are none. */
  readonly resumeTime: string | undefined
}

export function logTail(lines: readonly LogLine[] = [], seen = new Set<string>()): LogTail {
  const newestMs = Math.max(...lines.slice(-100).map(({ time }) => Date.parse(time)))
  return {
    lines,
    add(arrived) {
      const known = new Set(seen)
      const fresh = arrived.filter((line) => {
        const id = identityOf(line)
        return !known.has(id) && known.add(id)
      })
      const kept = [...lines, ...fresh].slice(-MAX_LINES)
      return logTail(kept, new Set(kept.map(identityOf)))
    },
    resumeTime: Number.isFinite(newestMs)
      ? new Date(newestMs - OVERLAP_MS).toISOString()
      : undefined,
  }
}

/** Times have nanoseconds: one pod does not write the same line twice in one. */
const identityOf = ({ pod, time, line }: LogLine): string => `${pod} ${time} ${line}`
