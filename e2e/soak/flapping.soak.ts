/** A link that is cut every three seconds for two minutes, while people go on working. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { followNumbers } from '../support/numbered-lines.ts'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'

const CUTS = 40
const CUT_EVERY_MS = 3_000
const APPS = 5
/** After the last cut: the longest wait between dials, and a dial. */
const MAX_RETURN_MS = 60_000
/** Of each agent and cut: what ended, what was dialled, what came up. */
const MAX_LINES_PER_CUT = 20
const MAX_GROWTH_MIB = 60

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
  const deploy = ['app', 'deploy', 'ticks', '--peer', 'b', '--image', 'porpulsion/ticker', '--wait']
  await pair.a.cli.out([...deploy, '--', '--interval-ms', '200'])
})
afterAll(() => pair.close())

test('a link that is cut again and again comes back, loses no line, leaks nothing and does not chatter', async () => {
  const { a, b } = pair
  const logs = followNumbers(a.cli.start(['app', 'logs', 'ticks', '--follow', '--tail', '1']))
  await eventually('the log is followed', 20_000, () => {
    expect(logs.numbers.length).toBeGreaterThan(0)
    return Promise.resolve()
  })
  const before = await Promise.all([a.usageWithoutGarbage(), b.usageWithoutGarbage()])
  const linesBefore = [a.log.length, b.log.length]

  let carried = 0
  for (let cut = 0; cut < CUTS; cut++) {
    await wait(CUT_EVERY_MS)
    carried += Math.min(1, (a.door?.connections ?? 0) + (b.door?.connections ?? 0))
    for (const { door } of [a, b]) {
      door?.cut()
      door?.mend()
    }
    if (cut % (CUTS / APPS) === 0)
      await a.api('POST', '/api/remoteapps', {
        metadata: { name: `app-${cut}` },
        spec: { targetPeer: 'b', image: 'porpulsion/hello', ports: [{ port: 8080 }] },
      })
  }
  const backMs = await linked(a, b, MAX_RETURN_MS)
  const started = performance.now()
  await eventually('all apps are ready', 60_000, async () => {
    const { items } = (await a.api('GET', '/api/remoteapps')) as {
      items: { status?: { phase?: string } }[]
    }
    expect(items.map(({ status }) => status?.phase)).toEqual(
      Array.from({ length: APPS + 1 }, () => 'Ready'),
    )
  })
  const readyMs = Math.round(performance.now() - started)
  const last = logs.numbers.at(-1) ?? 0
  await eventually('the log goes on', 20_000, () => {
    expect(logs.numbers.at(-1)).toBeGreaterThan(last + 10)
    return Promise.resolve()
  })
  const faults = logs.faults()
  await logs.end()
  const after = await Promise.all([a.usageWithoutGarbage(), b.usageWithoutGarbage()])
  const lines = [a, b].map(({ log }, i) => log.length - (linesBefore[i] ?? 0))
  const errors = [a, b].flatMap(({ log }) => log.filter((line) => /"level":(50|60)/.test(line)))
  report('flapping', {
    cuts: CUTS,
    cutWhileUp: carried,
    backMs,
    readyMs,
    logLines: logs.numbers.length,
    ...faults,
    rssBefore: before.map(({ rssMiB }) => rssMiB).join('/'),
    rssAfter: after.map(({ rssMiB }) => rssMiB).join('/'),
    handlesBefore: before.map(({ handles }) => handles).join('/'),
    handlesAfter: after.map(({ handles }) => handles).join('/'),
    agentLogLines: lines.join('/'),
  })
  expect(faults).toEqual({ missing: 0, repeated: 0 })
  expect((a.door?.connections ?? 0) + (b.door?.connections ?? 0), 'connections of the pair').toBe(1)
  for (const [i, { rssMiB, handles }] of after.entries()) {
    expect(rssMiB - (before[i]?.rssMiB ?? 0)).toBeLessThanOrEqual(MAX_GROWTH_MIB)
    // Watches of five more apps' objects and a few idle connections.
    expect(handles - (before[i]?.handles ?? 0)).toBeLessThanOrEqual(12)
  }
  for (const count of lines) expect(count).toBeLessThanOrEqual(CUTS * MAX_LINES_PER_CUT)
  expect(errors).toEqual([])
})
