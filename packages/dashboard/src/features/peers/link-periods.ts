/** The state of a link over time, from its changes. */
import type { LinkChange, LinkStateName, PeerHistory } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

export interface LinkPeriod {
  readonly fromMs: number
  readonly toMs: number
  /** `undefined` before anything is known. */
  readonly state: LinkStateName | undefined
  readonly transport: 'ws' | 'wss' | undefined
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

const DAY_MS = 86_400_000
const LEAST_SPAN_MS = 15 * 60_000

/** The last day, or as much of it as something is known of. */
export function knownSpan({ changes, samples }: PeerHistory, nowMs: number): Span {
  const first = [changes[0], samples[0]].map((one) =>
    one === undefined ? nowMs : Date.parse(one.time),
  )
  return {
    fromMs: Math.max(nowMs - DAY_MS, Math.min(...first, nowMs - LEAST_SPAN_MS)),
    toMs: nowMs,
  }
}

/** Periods that fill the span without gaps. */
export function linkPeriods(changes: readonly LinkChange[], span: Span): readonly LinkPeriod[] {
  const periods: LinkPeriod[] = []
  let current: Pick<LinkPeriod, 'state' | 'transport'> = { state: undefined, transport: undefined }
  let fromMs = span.fromMs
  for (const { time, state, transport } of changes) {
    const atMs = Date.parse(time)
    if (atMs > span.toMs) break
    if (atMs > fromMs) {
      periods.push({ ...current, fromMs, toMs: atMs })
      fromMs = atMs
    }
    current = { state, transport }
  }
  if (fromMs < span.toMs) periods.push({ ...current, fromMs, toMs: span.toMs })
  return periods
}

/** Of the time that is known: how much of it the link was up. */
export function upShare(periods: readonly LinkPeriod[]): number | undefined {
  const known = periods.filter(({ state }) => state !== undefined)
  const total = lengthOf(known)
  if (total === 0) return undefined
  return lengthOf(known.filter(({ state }) => state === 'Connected' || state === 'Suspect')) / total
}

const lengthOf = (periods: readonly LinkPeriod[]): number =>
  periods.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)

export function periodTone({
  state,
  transport,
}: Pick<LinkPeriod, 'state' | 'transport'>): Tone | undefined {
  switch (state) {
    case undefined:
      return undefined
    case 'Connected':
      return transport === 'ws' ? 'warn' : 'good'
    case 'Suspect':
      return 'ask'
    case 'Connecting':
      return 'busy'
    case 'Disconnected':
      return 'bad'
    default:
      return state satisfies never
  }
}
