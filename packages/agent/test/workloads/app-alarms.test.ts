/** What people are told of apps, on both sides: once for as long as it lasts. */
import { setTimeout as delay } from 'node:timers/promises'
import type { RemoteAppSpec } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/api/index.ts'
import { alarmKey, isReady, twoClusters, type Agent } from './two-clusters.ts'

const LOOK_MS = 60_000
const crashing: Partial<RemoteAppSpec> = { args: ['--no-such-option'] }

async function eventually(wanted: () => boolean): Promise<void> {
  while (!wanted()) await delay(10)
}

const alarmsOf = (agent: Agent): string[] => [...agent.alarms.keys()].sort()

describe('an app that ends again and again', () => {
  test('is told to both sides, until another takes its place', async () => {
    const { a, b } = await twoClusters()
    await a.apply(crashing)
    const [record] = await b.untilHosted(a)
    const atB = alarmKey({
      reason: 'AppCrashLooping',
      about: { kind: 'ExecutingApp', name: record!.metadata.name },
    })
    await eventually(() => a.alarms.has('AppCrashLooping web') && b.alarms.has(atB))
    expect(a.alarms.get('AppCrashLooping web')).toMatchObject({
      severity: 'warning',
      message: expect.stringMatching(
        /^App "web" at peer "b" ends again and again: CrashLoopBackOff, exit \d+: .+ \(pod .+, \d+ restarts?\)$/,
      ) as string,
      about: { kind: 'RemoteApp', namespace: 'porpulsion' },
    })
    expect(b.alarms.get(atB)?.message).toMatch(/^App "web" of peer "a" ends again and again/)
    await a.apply({ args: [] })
    await a.until(isReady)
    await eventually(() => a.alarms.size === 0 && b.alarms.size === 0)
  })

  test('is no trouble once it is deleted', async () => {
    const { a, b } = await twoClusters()
    await a.apply(crashing)
    await eventually(() => a.alarms.size === 1 && b.alarms.size === 1)
    await a.delete()
    await a.untilGone()
    await eventually(() => a.alarms.size === 0 && b.alarms.size === 0)
  })
})

describe('a total of the rules', () => {
  test('is told when 90 % are used, of all and of one peer, and taken back well below', async () => {
    const { a, b, clock } = await twoClusters()
    b.changeSettings({ totals: { pods: 10 }, peers: { a: { totals: { pods: 20 } } } })
    await a.apply({ replicas: 9 })
    await eventually(() => b.alarms.size === 1)
    expect(b.alarms.get('TotalNearlyUsed ')?.message).toBe(
      'Apps of all peers together use nearly all they may here: 9 of 10 pods (90 %). At the total new ones are refused',
    )
    b.changeSettings({ peers: { a: { totals: { pods: 10 } } } })
    await eventually(() => b.alarms.size === 2)
    expect(alarmsOf(b)).toEqual(['TotalNearlyUsed ', 'TotalNearlyUsed a'])
    await a.apply({ replicas: 8 })
    await b.untilHosted(a, ({ spec }) => spec.app.replicas === 8)
    clock.skip(LOOK_MS)
    await delay(0)
    expect(b.alarms.size).toBe(2)
    await a.apply({ replicas: 1 })
    await eventually(() => b.alarms.size === 0)
    expect(a.alarms.size).toBe(0)
  })
})

describe('a rejection', () => {
  const owner: Caller = { name: 'olga', role: 'admin' }

  test('is told to the submitter once, with the note', async () => {
    const { a, b, pair } = await twoClusters()
    b.changeSettings({ approval: { required: true } })
    await a.apply({})
    await a.until(({ phase }) => phase === 'PendingApproval')
    const [held] = b.workloads.heldApps.list()
    await b.workloads.heldApps.decide(
      held!.id,
      { approved: false, by: owner.name, note: 'not on Sundays' },
      new AbortController().signal,
    )
    await a.until(({ phase }) => phase === 'Rejected')
    // Offered again with the next inventory, and refused as it was.
    pair.cut()
    await a.until(({ phase }) => phase === 'Unknown')
    pair.connect()
    await a.until(({ phase }) => phase === 'Rejected')
    expect(a.notifications).toMatchObject([
      {
        reason: 'AppRejected',
        message: expect.stringContaining('not on Sundays') as string,
        about: { kind: 'RemoteApp', name: 'web' },
      },
    ])
  })
})

test('what was told before is taken back by a look, though nothing changes any more', async () => {
  const { a, clock } = await twoClusters()
  await a.apply({ readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } })
  await a.until(isReady)
  // As after an agent's restart: told before, and nothing changes any more.
  a.alarms.set('AppCrashLooping web', {
    reason: 'AppCrashLooping',
    message: '',
    severity: 'warning',
    about: { kind: 'RemoteApp', name: 'web' },
  })
  clock.skip(LOOK_MS)
  await eventually(() => a.alarms.size === 0)
})
