/** Connections of which no end is told that they are over, in one direction or in both. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { linked, openPair, type Member, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'
import type { PathDirection } from '../support/fault-proxy.ts'

const MAX_NOTICE_MS = 30_000
const MAX_RETURN_MS = 60_000

let pair: Pair
beforeAll(async () => {
  pair = await openPair({ dialable: ['a'] })
  const deploy = ['app', 'deploy', 'web', '--peer', 'b', '--image', 'porpulsion/hello']
  await pair.a.cli.out([...deploy, '--port', '8080', '--wait'])
  // The tunnel keeps connections for a while, which count below.
  ;(await pair.a.openApp('web', '/')).resume()
})
afterAll(() => pair.close())

test.each([
  ['both directions', ['toTarget', 'toClient']],
  ['the direction to who was dialled', ['toTarget']],
  ['the direction to who dialled', ['toClient']],
] as const)(
  'a connection that lost %s is noticed by both, and replaced',
  async (_what, directions: readonly PathDirection[]) => {
    const { a, b } = pair
    const started = performance.now()
    if (a.door === undefined) throw new Error('a can be dialled')
    const { door } = a
    // New connections, too: one that works would be there before who was dialled has noticed.
    door.alter = (bytes, direction) => (directions.includes(direction) ? undefined : bytes)
    // And nobody is told of an end.
    if (directions.length === 2) door.freeze()
    const noticed = async (from: Member, to: Member): Promise<number> => {
      await eventually(`${from.name} notices`, MAX_NOTICE_MS + 2_000, async () =>
        expect((await from.link(to))?.link).toBe('Disconnected'),
      )
      return Math.round(performance.now() - started)
    }
    const [aMs, bMs] = await Promise.all([noticed(a, b), noticed(b, a)])
    door.alter = (bytes) => bytes
    const backMs = await linked(a, b, MAX_RETURN_MS)
    report(`half-open ${directions.join('+')}`, { aMs, bMs, backMs })
    expect(Math.max(aMs, bMs)).toBeLessThanOrEqual(MAX_NOTICE_MS)
  },
)

// A path of which one process dies, and the next one does not notice.
test.each([
  ['who dialled', 'client'],
  ['who was dialled', 'target'],
] as const)(
  'a connection of which only %s hears that it is over is replaced, and nothing is left of it',
  async (_what, told) => {
    const { a, b } = pair
    const { door } = a
    if (door === undefined) throw new Error('a can be dialled')
    const before = await Promise.all([a.usage(), b.usage()])
    const dialled = door.recorded.length
    const started = performance.now()
    door.halfOpen(told)
    await eventually('it is dialled again', MAX_NOTICE_MS + MAX_RETURN_MS, () => {
      expect(door.recorded.length).toBeGreaterThan(dialled)
      return Promise.resolve()
    })
    await linked(a, b, MAX_RETURN_MS)
    const page = await a.openApp('web', '/')
    page.resume()
    expect(page.statusCode).toBe(200)
    const backMs = Math.round(performance.now() - started)
    await eventually('both have let go of the former', MAX_NOTICE_MS, async () => {
      const after = await Promise.all([a.usage(), b.usage()])
      for (const [i, { sockets }] of after.entries())
        expect(sockets).toBeLessThanOrEqual(before[i]?.sockets ?? 0)
    })
    const goneMs = Math.round(performance.now() - started)
    report(`half-open, ${told} told`, { backMs, goneMs })
  },
)
