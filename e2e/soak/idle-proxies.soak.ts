/** Links behind nginx and HAProxy on which nothing but pings moves, with the shortest idle limit people leave there. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBehindFronts, type BehindFronts, type WantedFront } from '../support/behind-fronts.ts'
import { findFront, type FrontKind } from '../support/front.ts'
import { report } from '../support/report.ts'

const IDLE_MINUTES = 3
const kinds: readonly FrontKind[] = ['nginx', 'haproxy']
/** What nginx has if nobody says anything, and what the examples say. */
const limitsSeconds = [60, 3_600]
const wanted: readonly WantedFront[] = kinds
  .filter((kind) => findFront(kind) !== undefined)
  .flatMap((kind) =>
    limitsSeconds.map((idleSeconds) => ({ name: `${kind}-${idleSeconds}`, kind, idleSeconds })),
  )
const names = wanted.map(({ name }) => name)

let fronts: BehindFronts
beforeAll(async () => {
  if (names.length === 0) throw new Error('Neither nginx nor haproxy is installed')
  fronts = await openBehindFronts(wanted)
  for (const name of names) await fronts.peer(name)
})
afterAll(() => fronts.close())

const links = async (): Promise<Record<string, string | undefined>> =>
  Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await fronts.connected(name))?.since] as const),
    ),
  )

test(`stay the same for ${IDLE_MINUTES} minutes behind ${names.join(', ')}`, async () => {
  const before = await links()
  await wait(IDLE_MINUTES * 60_000)
  const after = await links()
  const kept = names.filter((name) => after[name] === before[name])
  report('idle-proxies', { idleMinutes: IDLE_MINUTES, links: names.length, kept: kept.length })
  expect(after).toEqual(before)
})

test('and are there after their proxy was reloaded three times', async () => {
  const before = await links()
  for (let reload = 0; reload < 3; reload++) {
    for (const name of names) fronts.the(name).reload()
    await wait(2_000)
  }
  const after = await links()
  const kept = names.filter((name) => after[name] === before[name])
  report('idle-proxies, reloaded', {
    reloads: 3,
    links: names.length,
    keptTheirSession: kept.length,
  })
  for (const name of names) {
    await fronts.connected(name)
    const deploy = ['app', 'deploy', `on-${name}`, '--peer', name, '--wait', '--timeout', '60s']
    await fronts.home.out([...deploy, '--image', 'porpulsion/hello'])
  }
})
