import type { AuditEntry } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditFacts } from './audit-entry.ts'
import { auditHandlers } from './audit-routes.ts'
import { createAuditTrail, MAX_REMEMBERED } from './audit-trail.ts'
import { MAX_DISTINCT_PER_ACTOR, REPEAT_WINDOW_MS } from './repeats.ts'

function aTrail() {
  const clock = new FakeClock()
  const written: AuditEntry[] = []
  const trail = createAuditTrail({
    clock,
    runId: 'run',
    sink: { write: (entry) => void written.push(entry) },
  })
  onTestFinished(() => trail.stop())
  const list = async (query: object) => {
    const { items } = await auditHandlers({ audit: trail }).listAudit!({
      params: {},
      query,
      body: undefined,
      signal: new AbortController().signal,
      caller: { name: 'admin', role: 'admin' },
      origin: 'http://localhost:8000',
      note: () => undefined,
    })
    return items
  }
  return { clock, written, trail, list }
}

const change: AuditFacts = { actor: 'admin', action: 'createToken', outcome: 'done' }
const refused: AuditFacts = {
  actor: 'peer/b',
  action: 'putApp',
  about: 'app/web',
  outcome: 'refused',
  reason: 'ImageBlocked',
}

test('an entry is written at once, with when, and remembered', () => {
  const { clock, written, trail } = aTrail()
  trail.record({ ...change, about: 'token/ci', from: '10.0.0.7' })
  expect(written).toEqual([
    {
      id: 'run-1',
      time: new Date(clock.now()).toISOString(),
      actor: 'admin',
      action: 'createToken',
      about: 'token/ci',
      outcome: 'done',
      from: '10.0.0.7',
    },
  ])
  expect(trail.entries()).toEqual(written)
})

test('every change of a user is an entry of its own, however often', () => {
  const { written, trail } = aTrail()
  for (let i = 0; i < 100; i++) trail.record(change)
  expect(written).toHaveLength(100)
})

test('what a peer repeats is one entry, and how often it came again at the end of the minute', async () => {
  const { clock, written, trail } = aTrail()
  for (let i = 0; i < 1_000; i++) trail.record(refused)
  expect(written).toMatchObject([refused])
  await clock.advance(REPEAT_WINDOW_MS)
  expect(written).toMatchObject([refused, { ...refused, count: 999 }])
  trail.record(refused)
  expect(written).toHaveLength(3)
})

test('what happens by the dozen is counted for users too', async () => {
  const { clock, written, trail } = aTrail()
  for (let i = 0; i < 50; i++) trail.record({ ...change, action: 'openTunnel' }, 'frequent')
  await clock.advance(REPEAT_WINDOW_MS)
  expect(written.map(({ count }) => count)).toEqual([undefined, 49])
})

test('a peer that does something else every time does not fill the trail', async () => {
  const { clock, written, trail } = aTrail()
  for (let i = 0; i < 5_000; i++) trail.record({ ...refused, about: `app/x${i}` })
  await clock.advance(REPEAT_WINDOW_MS)
  expect(written).toHaveLength(MAX_DISTINCT_PER_ACTOR + 2)
  expect(written.at(-1)).toMatchObject({
    actor: 'peer/b',
    about: '(several)',
    count: 5_000 - MAX_DISTINCT_PER_ACTOR - 1,
  })
})

test('outsiders cannot push out what users did', async () => {
  const { clock, trail } = aTrail()
  trail.record(change)
  for (let i = 0; i < 2 * MAX_REMEMBERED; i++) {
    trail.record({ ...refused, about: `app/x${i}` })
    if (i % MAX_DISTINCT_PER_ACTOR === 0) await clock.advance(REPEAT_WINDOW_MS)
  }
  const kept = trail.entries()
  expect(kept).toHaveLength(MAX_REMEMBERED + 1)
  expect(kept[0]).toMatchObject(change)
})

test('only the last thousand are remembered', () => {
  const { trail } = aTrail()
  for (let i = 0; i <= MAX_REMEMBERED; i++) trail.record({ ...change, about: `token/${i}` })
  expect(trail.entries()).toHaveLength(MAX_REMEMBERED)
  expect(trail.entries()[0]).toMatchObject({ about: 'token/1' })
})

test('what a peer calls things can neither steer a terminal nor go on for ever', () => {
  const { written, trail } = aTrail()
  trail.record({ ...refused, about: `app/\u001b[2Jweb\n\u202e`, reason: 'x'.repeat(10_000) })
  expect(written[0]?.about).toBe('app/\\u{1b}[2Jweb\\u{a}\\u{202e}')
  expect(written[0]?.reason).toHaveLength(256)
  trail.record({ ...change, changes: Array.from({ length: 60 }, (_, i) => `a${i}`) })
  expect(written[1]?.changes).toHaveLength(51)
})

test('the newest comes first, and every filter leaves only what fits it', async () => {
  const { clock, trail, list } = aTrail()
  trail.record(change)
  await clock.advance(1_000)
  const since = new Date(clock.now()).toISOString()
  trail.record(refused)
  trail.record({ ...change, action: 'confirmPeer', about: 'peer/b' })
  trail.record({ ...change, actor: 'token/ci', outcome: 'failed', peer: 'b' })
  trail.record({ ...refused, actor: 'peer/bb' })
  const actions = async (query: object) =>
    (await list(query)).map(({ actor, action }) => `${actor} ${action}`)
  expect(await actions({})).toEqual([
    'peer/bb putApp',
    'peer/b putApp',
    'token/ci createToken',
    'admin confirmPeer',
    'admin createToken',
  ])
  expect(await actions({ since })).toHaveLength(4)
  expect(await actions({ actor: 'admin' })).toEqual(['admin confirmPeer', 'admin createToken'])
  expect(await actions({ action: 'putApp' })).toEqual(['peer/bb putApp', 'peer/b putApp'])
  expect(await actions({ outcome: 'failed' })).toEqual(['token/ci createToken'])
  expect(await actions({ peer: 'b' })).toEqual([
    'peer/b putApp',
    'token/ci createToken',
    'admin confirmPeer',
  ])
  expect(await actions({ limit: 1 })).toEqual(['peer/bb putApp'])
})

test('of one app the trail lists what was done to it and to its ports, and of no namesake', async () => {
  const { trail, list } = aTrail()
  for (const about of ['remoteapp/porpulsion,web', 'remoteapp/porpulsion,web:8080'])
    trail.record({ ...change, about })
  for (const about of ['remoteapp/porpulsion,web-2', 'remoteapp/other,web', 'peer/web'])
    trail.record({ ...change, about })
  trail.record(change)
  expect((await list({ about: 'remoteapp/porpulsion,web' })).map(({ about }) => about)).toEqual([
    'remoteapp/porpulsion,web:8080',
    'remoteapp/porpulsion,web',
  ])
})

test('whoever shows the trail is told of every entry, and not of those that are only counted', () => {
  let told = 0
  const trail = createAuditTrail({
    clock: new FakeClock(),
    runId: 'run',
    sink: { write: () => undefined },
    onEntry: () => told++,
  })
  onTestFinished(() => trail.stop())
  trail.record(change)
  expect(told).toBe(1)
  for (let i = 0; i < 5; i++) trail.record(refused)
  expect(told).toBe(2)
})
