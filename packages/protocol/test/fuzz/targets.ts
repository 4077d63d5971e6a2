import { caseSeed, Chance } from './chance.ts'
import { fuzzDecoder } from './fuzz-decoder.ts'
import { fuzzPair } from './fuzz-pair.ts'
import { fuzzSession } from './fuzz-session.ts'

/** What is fuzzed, and which part of the cases each gets. */
export const targets = {
  decoder: { run: fuzzDecoder, share: 0.6 },
  session: { run: fuzzSession, share: 0.34 },
  pair: { run: fuzzPair, share: 0.06 },
} as const
export type TargetName = keyof typeof targets
export const targetNames = Object.keys(targets) as TargetName[] // of the object above

export interface FuzzFailure {
  readonly target: TargetName
  readonly index: number
  readonly error: unknown
}

/** One case. The same seed, target and index do the same again, on any machine. */
export function runCase(seed: number, target: TargetName, index: number): FuzzFailure | undefined {
  try {
    targets[target].run(new Chance(caseSeed(seed, target, index)))
    return undefined
  } catch (error) {
    return { target, index, error }
  }
}
