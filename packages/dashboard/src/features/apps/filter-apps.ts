import type { AppPhase } from '@porpulsion/contract'
import type { AppFacts } from './app-facts.ts'

/** What a list of apps is narrowed to; empty lists let everything through. */
export interface AppFilter {
  /** Words, all of which an app has somewhere. */
  readonly text: string
  readonly phases: readonly AppPhase[]
  readonly peers: readonly string[]
}

export interface Choice<V extends string> {
  readonly value: V
  /** How many apps it would show, the rest of the filter being as it is. */
  readonly count: number
}

export interface FilteredApps<T> {
  readonly shown: readonly T[]
  /** As they are shown: what needs somebody first. */
  readonly phases: readonly Choice<AppPhase>[]
  readonly peers: readonly Choice<string>[]
}

export function filterApps<T>(
  apps: readonly T[],
  factsOf: (app: T) => AppFacts,
  { text, phases, peers }: AppFilter,
): FilteredApps<T> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const ofPhase = new Map<AppPhase, number>(phases.map((phase) => [phase, 0]))
  const ofPeer = new Map<string, number>(peers.map((peer) => [peer, 0]))
  const shown: T[] = []
  for (const app of apps) {
    const facts = factsOf(app)
    if (!hasWords(facts, words)) continue
    const hasPhase = phases.length === 0 || phases.includes(facts.phase)
    const hasPeer = peers.length === 0 || peers.includes(facts.peer)
    if (hasPeer) ofPhase.set(facts.phase, (ofPhase.get(facts.phase) ?? 0) + 1)
    if (hasPhase) ofPeer.set(facts.peer, (ofPeer.get(facts.peer) ?? 0) + 1)
    if (hasPhase && hasPeer) shown.push(app)
  }
  return {
    shown,
    phases: choices(ofPhase, (a, b) => phaseOrder.indexOf(a) - phaseOrder.indexOf(b)),
    peers: choices(ofPeer, (a, b) => a.localeCompare(b, 'en', { numeric: true })),
  }
}

/** What is wrong, then what goes on, then what is well. */
const phaseOrder: readonly AppPhase[] = [
  'Failed',
  'Rejected',
  'Degraded',
  'Unknown',
  'PendingApproval',
  'Pending',
  'Running',
  'Deleting',
  'Ready',
]

export const urgencyOf = (phase: AppPhase): number => phaseOrder.indexOf(phase)

/** `text` may name a label as it is written: `tier=web`. */
function hasWords(facts: AppFacts, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { namespace, name, image, peer, labels } = facts
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const everything = [`${namespace}/${name}`, image, peer, ...pairs].join('\n').toLowerCase()
  return words.every((word) => everything.includes(word))
}

function choices<V extends string>(
  counts: ReadonlyMap<V, number>,
  compare: (a: V, b: V) => number,
): readonly Choice<V>[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => compare(a.value, b.value))
}
