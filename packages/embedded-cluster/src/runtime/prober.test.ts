import type { Probe } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { FakeClock } from '../../test/support/fake-clock.ts'
import { Prober } from './prober.ts'

/** A prober whose looks are answered in turn, the last answer for ever. */
function probing(probe: Probe, answers: readonly boolean[]) {
  const clock = new FakeClock()
  const told: string[] = []
  const startedAt = clock.now()
  const at = () => (clock.now() - startedAt) / 1000
  let looks = 0
  const prober = new Prober(probe, {
    clock,
    look: () => {
      const ok = answers[Math.min(looks++, answers.length - 1)] ?? false
      return Promise.resolve(ok ? { ok } : { ok, message: 'no' })
    },
    onOutcome: (isSuccess) => told.push(`${isSuccess ? 'success' : 'failure'} at ${at()}`),
    onFailure: (message) => told.push(`${message} at ${at()}`),
  })
  return { clock, told, prober, looks: () => looks }
}

test('waits for the initial delay, then looks every period', async () => {
  const { clock, looks } = probing({ initialDelaySeconds: 3, periodSeconds: 5 }, [true])
  await clock.advance(2_999)
  expect(looks()).toBe(0)
  await clock.advance(1)
  expect(looks()).toBe(1)
  await clock.advance(10_000)
  expect(looks()).toBe(3)
})

test('one success is enough by default, and is told once', async () => {
  const { clock, told } = probing({ periodSeconds: 1 }, [false, true, true, true])
  await clock.advance(5_000)
  expect(told).toEqual(['no at 0', 'success at 1'])
})

test('fails after as many failures in a row as the threshold says', async () => {
  const { clock, told } = probing({ periodSeconds: 1, failureThreshold: 3 }, [
    true,
    false,
    false,
    true,
    false,
  ])
  await clock.advance(7_000)
  expect(told).toEqual([
    'success at 0',
    'no at 1',
    'no at 2',
    'no at 4',
    'no at 5',
    'no at 6',
    'failure at 6',
    'no at 7',
  ])
})

test('comes back after as many successes as the threshold says', async () => {
  const probe = { periodSeconds: 1, failureThreshold: 1, successThreshold: 2 }
  const { clock, told } = probing(probe, [false, true, false, true, true])
  await clock.advance(4_000)
  expect(told).toEqual(['no at 0', 'failure at 0', 'no at 2', 'success at 4'])
})

test('a stopped prober looks no more', async () => {
  const { clock, prober, looks } = probing({ periodSeconds: 1 }, [true])
  await clock.advance(1_000)
  prober.stop()
  await clock.advance(10_000)
  expect(looks()).toBe(2)
})
