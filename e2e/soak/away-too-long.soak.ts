/** An agent that slept for longer than its certificate lives: whoever comes back makes a new one. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'

const LEAF_SECONDS = 60
const MAX_RETURN_MS = 60_000

let pair: Pair
beforeAll(async () => {
  pair = await openPair({
    dialable: ['a'],
    env: { PORPULSION_LEAF_LIFETIME_SECONDS: String(LEAF_SECONDS) },
  })
})
afterAll(() => pair.close())

test.each(['a', 'b'] as const)(
  'when %s slept until its certificate had run out, the link is back all the same',
  async (who) => {
    const { a, b } = pair
    const sleeper = pair[who]
    sleeper.freeze()
    await wait((LEAF_SECONDS + 15) * 1_000)
    sleeper.thaw()
    const backMs = await linked(a, b, MAX_RETURN_MS)
    report(`away-too-long ${who}`, { sleptSeconds: LEAF_SECONDS + 15, backMs })
    expect(a.log.concat(b.log).filter((line) => line.includes('has expired'))).toEqual([])
  },
)
