import { describe, expect, test } from 'vitest'
import { caseSeed, Chance } from './chance.ts'
import { fuzzPair, type PipeFault } from './fuzz-pair.ts'
import { runCase, targets, targetNames, type FuzzFailure } from './targets.ts'

/** The same cases each time; `make fuzz` has others each time, and a hundred times as many. */
const seed = 20_240_229
const cases = 1_000

describe('a short fuzz', () => {
  test.each(targetNames)('finds nothing wrong with the %s', (target) => {
    const failures: FuzzFailure[] = []
    for (let index = 0; index < cases * targets[target].share; index += 1) {
      const failure = runCase(seed, target, index)
      if (failure !== undefined) failures.push(failure)
    }
    expect(failures).toEqual([])
  })

  test('does the same again with the same seed, and something else with another', () => {
    const draw = (from: number, index: number): number[] => {
      const chance = new Chance(caseSeed(from, 'pair', index))
      return Array.from({ length: 5 }, () => chance.below(1_000_000))
    }
    expect(draw(1, 7)).toEqual(draw(1, 7))
    expect(draw(1, 7)).not.toEqual(draw(1, 8))
    expect(draw(1, 7)).not.toEqual(draw(2, 7))
  })

  test.each<PipeFault>(['loses a byte', 'swaps two bytes'])(
    'would notice a connection that %s',
    (fault) => {
      const noticed = Array.from({ length: 40 }, (_, index) => {
        try {
          fuzzPair(new Chance(caseSeed(seed, 'pair', index)), fault)
          return false
        } catch {
          return true
        }
      })
      // Not in each case does that much pass, and a byte of an Open's header is nobody's loss.
      expect(noticed.filter(Boolean).length).toBeGreaterThan(5)
    },
  )
})
