import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { systemClock } from '../observability/index.ts'
import { LeafSource, overdueMs, renewalMs } from './leaf-source.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

async function aSource({ leafLifeMs = 24 * hourMs } = {}) {
  const clock = new FakeClock()
  const identity = await anIdentity('a', clock, { leafLifeMs })
  return { clock, leaves: new LeafSource(identity, clock) }
}

test('sessions of a while share one certificate', async () => {
  const { clock, leaves } = await aSource()
  const leaf = await leaves.current()
  await clock.advance(8 * hourMs)
  expect(await leaves.current()).toBe(leaf)
})

test('who dials after a day of sleep shows a new certificate, not the one that ran out meanwhile', async () => {
  const { clock, leaves } = await aSource()
  const old = await leaves.current()
  await clock.advance(30 * hourMs)
  const leaf = await leaves.current()
  expect(old.notAfterMs).toBeLessThan(clock.now())
  expect(leaf.notAfterMs).toBe(clock.now() + 24 * hourMs)
})

test('a certificate of a time that has not come yet is not used: the clock was set back', async () => {
  const fake = new FakeClock()
  let aheadMs = 5 * 24 * hourMs
  const clock = { ...systemClock, now: () => fake.now() + aheadMs }
  const leaves = new LeafSource(await anIdentity('a', clock), clock)
  const ofTheFuture = await leaves.current()
  aheadMs = 0
  const leaf = await leaves.current()
  expect(leaf).not.toBe(ofTheFuture)
  expect(leaf.notBeforeMs).toBeLessThan(clock.now())
})

test.each([minuteMs, hourMs, 24 * hourMs])(
  'of a life of %i ms a session uses two thirds, and what replaces it is fresh',
  async (leafLifeMs) => {
    const { clock, leaves } = await aSource({ leafLifeMs })
    const leaf = await leaves.current()
    const renewAtMs = renewalMs(leaf, 0)
    expect(renewAtMs - clock.now()).toBeGreaterThan(leafLifeMs * 0.6)
    expect(leaf.notAfterMs - renewalMs(leaf, 1)).toBeGreaterThan(leafLifeMs * 0.3)
    const overdueAfterMs = overdueMs(leaf) - renewalMs(leaf, 1)
    expect(overdueAfterMs, 'nobody is told at the time of the renewal').toBeGreaterThan(
      leafLifeMs * 0.1,
    )
    expect(leaf.notAfterMs - overdueMs(leaf)).toBeGreaterThan(leafLifeMs * 0.15)
    await clock.advance(renewAtMs - clock.now())
    expect(await leaves.current()).not.toBe(leaf)
  },
)
