/** The examples of docs/operations.md, word for word, in real proxies: what they let through, and for how long. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Peer } from '@porpulsion/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBehindFronts, statusAt, type BehindFronts } from './support/behind-fronts.ts'
import { fetchFrom } from './support/fetch-app.ts'
import { findFront, type FrontKind } from './support/front.ts'
import { eventually } from './support/eventually.ts'

/** More than the 10 s between pings; a link without them would not live longer. */
const IDLE_SECONDS = 15

const kinds: readonly FrontKind[] = ['nginx', 'haproxy']
const present = kinds.filter((kind) => findFront(kind) !== undefined)

let fronts: BehindFronts
beforeAll(async () => {
  if (present.length === 0) return
  fronts = await openBehindFronts(
    present.map((kind) => ({ name: kind, kind, idleSeconds: IDLE_SECONDS })),
  )
})
afterAll(async () => {
  if (present.length > 0) await fronts.close()
})

const pageOf = (app: string): ReturnType<typeof fetchFrom> =>
  fetchFrom({ cli: (...args) => fronts.home.out(args) }, app, '/')

const skipped = (kind: FrontKind): string =>
  present.includes(kind) ? '' : ' (skipped: it is not installed)'

for (const kind of kinds)
  describe.skipIf(!present.includes(kind))(`${kind}${skipped(kind)}`, () => {
    test('lets peers in, with a certificate of a private authority', async () => {
      await fronts.peer(kind)
    })

    test('passes pages and logs of an app', async () => {
      const deploy = ['app', 'deploy', `on-${kind}`, '--peer', kind, '--wait', '--port', '8080']
      await fronts.home.out([...deploy, '--image', 'porpulsion/hello'])
      const page = await pageOf(`on-${kind}`)
      expect(page).toMatchObject({ status: 200 })
      expect(await fronts.home.out(['app', 'logs', `on-${kind}`])).not.toBe('')
    })

    test('passes nothing else', async () => {
      const { outerPort } = fronts.the(kind)
      for (const path of ['/', '/healthz', '/metrics', '/api/status', '/peer/', '/wsx'])
        expect([path, await statusAt(outerPort, path)]).toEqual([path, 404])
    })
  })

describe.skipIf(present.length === 0)('all of them', () => {
  test('leave a link alone on which nothing but pings moves', async () => {
    const before = await Promise.all(present.map((kind) => fronts.connected(kind)))
    await wait((IDLE_SECONDS + 1) * 1_000) // The proxies' clocks are not ours to set.
    expect(await Promise.all(present.map((kind) => fronts.linkTo(kind)))).toEqual(
      before.map((status) => expect.objectContaining({ since: status?.since }) as unknown),
    )
  })

  test.each(present)('%s is reloaded, and no app is lost', async (kind) => {
    fronts.the(kind).reload()
    await wait(500)
    await fronts.connected(kind)
    expect(await pageOf(`on-${kind}`)).toMatchObject({ status: 200 })
    expect(await fronts.home.json(['app', 'get', `on-${kind}`])).toMatchObject({
      status: { phase: 'Ready' },
    })
  })
})

const both = present.length === kinds.length
describe.skipIf(!both)(`two of them${both ? '' : ' (skipped: not both are installed)'}`, () => {
  test('an nginx that names another agent in X-Agent-Ca links nobody, until it is taken out', async () => {
    const other = (await fronts.home.json(['peer', 'show', 'haproxy'])) as Peer // validated by the client
    const der = other.spec.caCertificate.replace(/-----[A-Z ]+-----|\s/g, '')
    const nginx = fronts.the('nginx')
    await nginx.replace((example) =>
      example.replace('location = /ws {', `location = /ws { proxy_set_header X-Agent-Ca ${der};`),
    )
    await eventually('home says why it is not linked', 30_000, async () => {
      const status = await fronts.linkTo('nginx')
      expect(status).toMatchObject({ link: 'Disconnected' })
      expect(status?.linkMessage).toContain('403')
    })
    await nginx.replace(undefined)
    await fronts.connected('nginx')
  })
})
