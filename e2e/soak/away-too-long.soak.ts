/** Agents apart for longer than their certificates live: whoever comes back makes a new one. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'

const LEAF_SECONDS = 60
/** Nothing that was good at the beginning is good at its end. */
const AWAY_SECONDS = LEAF_SECONDS + 15
const MAX_RETURN_MS = 60_000

let pair: Pair
beforeAll(async () => {
  pair = await openPair({
    dialable: ['a'],
    env: { PORPULSION_LEAF_LIFETIME_SECONDS: String(LEAF_SECONDS) },
  })
})
afterAll(() => pair.close())

/** Who is asleep, or that neither is and nothing passes between them. */
test.each([
  ['a slept', (): void => pair.a.freeze(), (): void => pair.a.thaw()],
  ['b slept', (): void => pair.b.freeze(), (): void => pair.b.thaw()],
  ['the network was gone', () => pair.a.door?.cut(), () => pair.a.door?.mend()],
] as const)(
  'when %s until every certificate had run out, the link is back all the same',
  async (what, leave, comeBack) => {
    const { a, b } = pair
    leave()
    await wait(AWAY_SECONDS * 1_000)
    comeBack()
    const backMs = await linked(a, b, MAX_RETURN_MS)
    report(`away-too-long, ${what}`, { awaySeconds: AWAY_SECONDS, backMs })
    expect(a.log.concat(b.log).filter((line) => line.includes('has expired'))).toEqual([])
  },
)
