/** A peer that stands still: its sockets stay open, and nothing comes out of them. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'

/** 25 s of silence end a session; the rest is what showing it takes on a busy machine. */
const MAX_NOTICE_MS = 30_000
/** Between the two: what is suspect for a moment only, nobody sees. */
const MIN_SUSPECT_MS = 4_000
/** What is shown of apps changes a little later: a link that is back at once was never gone. */
const MAX_UNKNOWN_MS = 40_000
/** Whoever waited for the frozen side redials after 45 s at the latest, and a dial may take 10 s. */
const MAX_RETURN_MS = 60_000

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
  const deploy = ['app', 'deploy', 'web', '--peer', 'b', '--image', 'porpulsion/hello']
  await pair.a.cli.out([...deploy, '--port', '8080', '--wait'])
})
afterAll(() => pair.close())

test('a frozen peer is suspect, then disconnected, its apps are unknown, and all of it comes back', async () => {
  const { a, b } = pair
  const download = await a.openApp('web', `/bytes/${8 * 1024 ** 3}`)
  download.on('error', () => undefined)
  const slow = a.openApp('web', '/slow?ms=600000').then(
    ({ statusCode }) => statusCode,
    () => 0,
  )
  download.resume()
  await wait(1_000) // Until it is in full flow.

  b.freeze()
  const frozenAt = performance.now()
  const since = (): number => Math.round(performance.now() - frozenAt)
  const cut = new Promise<number>((resolve) => download.once('close', () => resolve(since())))
  const answered = slow.then(() => since())
  const shows = async (link: string): Promise<number> => {
    await eventually(`a shows b as ${link}`, MAX_NOTICE_MS, async () =>
      expect((await a.link(b))?.link).toBe(link),
    )
    return since()
  }
  const suspectMs = await shows('Suspect')
  const disconnectedMs = await shows('Disconnected')
  const [cutMs, answeredMs] = await Promise.all([cut, answered])
  await eventually('the app is unknown', MAX_UNKNOWN_MS, async () =>
    expect((await a.app('web')).status?.phase).toBe('Unknown'),
  )
  const unknownMs = since()
  expect(await slow).toBe(503)

  b.thaw()
  const backMs = await linked(a, b, MAX_RETURN_MS)
  await eventually('the app is ready again', 20_000, async () =>
    expect((await a.app('web')).status?.phase).toBe('Ready'),
  )
  const page = await a.openApp('web', '/')
  page.resume()
  expect(page.statusCode).toBe(200)
  report('frozen-peer', { suspectMs, disconnectedMs, cutMs, answeredMs, unknownMs, backMs })
  expect(disconnectedMs).toBeLessThanOrEqual(MAX_NOTICE_MS)
  expect(disconnectedMs - suspectMs).toBeGreaterThanOrEqual(MIN_SUSPECT_MS)
  expect(unknownMs).toBeLessThanOrEqual(MAX_UNKNOWN_MS)
  // With the session, and not with a time limit of their own.
  for (const ms of [cutMs, answeredMs]) expect(ms - disconnectedMs).toBeLessThanOrEqual(1_000)
})
