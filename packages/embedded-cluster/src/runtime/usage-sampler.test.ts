import { expect, test } from 'vitest'
import { ManualClock } from '../../test/test-registry.ts'
import { type UsageSample, UsageSampler } from './usage-sampler.ts'

interface Watched {
  readonly clock: ManualClock
  readonly sampler: UsageSampler
  readonly samples: () => number
}

/** A container that uses half a core, and a node that uses two. */
function aSampler(): Watched {
  const clock = new ManualClock()
  const startMs = clock.now()
  let samples = 0
  const sampler = new UsageSampler(clock, (): UsageSample => {
    samples += 1
    const elapsedMs = clock.now() - startMs
    return {
      node: { cpuMs: elapsedMs * 2, memoryBytes: 1_000 },
      containers: new Map([['web', { cpuMs: elapsedMs / 2, memoryBytes: 100 }]]),
    }
  })
  return { clock, sampler, samples: () => samples }
}

test('a rate takes two samples, a second apart for who asks first', async () => {
  const { clock, sampler } = aSampler()
  const reading = sampler.read()
  clock.advance(1_000)
  expect(await reading).toEqual({
    atMs: clock.now(),
    windowMs: 1_000,
    node: { cpuCores: 2, memoryBytes: 1_000 },
    containers: new Map([['web', { cpuCores: 0.5, memoryBytes: 100 }]]),
  })
})

test('nothing is sampled before somebody asks, and not for long after', async () => {
  const { clock, sampler, samples } = aSampler()
  clock.advance(100_000)
  expect(samples()).toBe(0)
  const reading = sampler.read()
  clock.advance(1_000)
  await reading
  clock.advance(3_600_000)
  expect(samples()).toBeLessThan(10)
})

test('while somebody asks, samples are at most ten seconds old, and nobody waits', async () => {
  const { clock, sampler } = aSampler()
  const first = sampler.read()
  clock.advance(1_000)
  await first
  clock.advance(25_000)
  const later = await sampler.read()
  expect(clock.now() - later.atMs).toBeLessThanOrEqual(10_000)
  expect(later.windowMs).toBe(10_000)
})

test('a part that ends takes its CPU time with it, which is not negative use', async () => {
  const clock = new ManualClock()
  const totals = [500, 20]
  const sampler = new UsageSampler(clock, () => ({
    node: { cpuMs: 0, memoryBytes: 0 },
    containers: new Map([['web', { cpuMs: totals.shift() ?? 0, memoryBytes: 1 }]]),
  }))
  const reading = sampler.read()
  clock.advance(1_000)
  expect((await reading).containers.get('web')).toEqual({ cpuCores: 0, memoryBytes: 1 })
})
