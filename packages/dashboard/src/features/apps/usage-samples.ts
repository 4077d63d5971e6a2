/** What the pods of an app used, sample by sample, since somebody looks. */
import { parseQuantity, type AppMetrics } from '@porpulsion/contract'
import type { TimeSeries } from '../../ui/time-series.ts'

/** At one every ten seconds: half an hour. */
const MAX_SAMPLES = 180
/** More lines than this are a tangle; the table has all of them. */
const MAX_LINES = 6

export interface UsageSample {
  readonly timeMs: number
  /** By pod. */
  readonly pods: ReadonlyMap<string, { readonly cores: number; readonly bytes: number }>
}

export interface UsageHistory {
  readonly latest: AppMetrics
  readonly samples: readonly UsageSample[]
}

/** A cluster measures less often than it is asked: the same measurement counts once. */
export function addMetrics(history: UsageHistory | undefined, latest: AppMetrics): UsageHistory {
  const samples = history?.samples ?? []
  const sample = sampleOf(latest)
  const isNew = samples.at(-1)?.timeMs !== sample.timeMs
  return { latest, samples: isNew ? [...samples, sample].slice(-MAX_SAMPLES) : samples }
}

function sampleOf({ time, pods }: AppMetrics): UsageSample {
  return {
    timeMs: Date.parse(time),
    pods: new Map(
      pods.map(({ name, cpu, memory }) => [name, { cores: amount(cpu), bytes: amount(memory) }]),
    ),
  }
}

/** `250m` → 0.25. */
export const amount = (quantity: string): number => Number(parseQuantity(quantity) ?? 0n) / 1e9

const colors = [
  '--tone-busy',
  '--tone-good',
  '--tone-ask',
  '--tone-warn',
  '--tone-bad',
  '--tone-idle',
] as const

/** One line per pod, those that use most now; a pod that was not there leaves a gap. */
export function seriesOf(
  samples: readonly UsageSample[],
  what: 'cores' | 'bytes',
): readonly TimeSeries[] {
  const last = samples.at(-1)?.pods ?? new Map<string, never>()
  return [...last]
    .sort(([, a], [, b]) => b[what] - a[what])
    .slice(0, MAX_LINES)
    .map(([pod]) => pod)
    .sort()
    .map((pod, index) => ({
      name: pod,
      color: colors[index] ?? '--tone-idle',
      values: samples.map(({ pods }) => pods.get(pod)?.[what]),
      filled: last.size === 1,
    }))
}

/** `12m`, `1.5 cores`: thousandths below one core. */
export function cores(count: number): string {
  if (count < 1) return `${Math.round(count * 1_000)}m`
  return `${Math.round(count * 100) / 100} ${count === 1 ? 'core' : 'cores'}`
}
