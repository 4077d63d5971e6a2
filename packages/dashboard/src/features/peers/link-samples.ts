/** Samples of a link's history as lines of a chart. */
import type { PeerHistory } from '@porpulsion/contract'

export interface LinkLines {
  readonly times: readonly number[]
  readonly latencyMs: readonly (number | undefined)[]
  readonly received: readonly (number | undefined)[]
  readonly sent: readonly (number | undefined)[]
}

/** Rates by the second. Where samples are missing, because this agent did not run, the lines have a gap. */
export function linkLines({ intervalSeconds, samples }: PeerHistory): LinkLines {
  const lines = {
    times: [] as number[],
    latencyMs: [] as (number | undefined)[],
    received: [] as (number | undefined)[],
    sent: [] as (number | undefined)[],
  }
  const add = (
    time: number,
    latencyMs: number | undefined,
    received: number | undefined,
    sent: number | undefined,
  ): void => {
    lines.times.push(time)
    lines.latencyMs.push(latencyMs)
    lines.received.push(received)
    lines.sent.push(sent)
  }
  const stepMs = intervalSeconds * 1_000
  for (const sample of samples) {
    const time = Date.parse(sample.time)
    const before = lines.times.at(-1)
    // Samples of two runs of the agent are never exactly one interval apart.
    if (before !== undefined && time - before > 1.5 * stepMs)
      add(before + stepMs, undefined, undefined, undefined)
    const isUp = sample.connectedSeconds > 0
    add(
      time,
      sample.latencyMs,
      isUp ? sample.receivedBytes / intervalSeconds : undefined,
      isUp ? sample.sentBytes / intervalSeconds : undefined,
    )
  }
  return lines
}
