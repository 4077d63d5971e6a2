import { describe, expect, onTestFinished, test } from 'vitest'
import type { KubeReport } from './report.ts'
import { evenRandom, FakeClock, settled } from './testing.ts'
import { WorkQueue, type WorkQueueOptions, type WorkResult } from './work-queue.ts'

interface Run {
  readonly key: string
  readonly signal: AbortSignal
  readonly finish: (result?: WorkResult) => void
  readonly fail: (error: Error) => void
}

/** A queue whose work ends when the test says so. */
function aQueue(options: Partial<WorkQueueOptions> = {}): {
  queue: WorkQueue
  clock: FakeClock
  runs: Run[]
  keys: () => string[]
  reports: KubeReport[]
} {
  const clock = new FakeClock()
  const runs: Run[] = []
  const reports: KubeReport[] = []
  const queue = new WorkQueue(
    { clock, random: evenRandom, report: (report) => void reports.push(report) },
    {
      name: 'things',
      process: (key, signal) =>
        new Promise<WorkResult | undefined>((resolve, reject) => {
          runs.push({ key, signal, finish: resolve, fail: reject })
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
      ...options,
    },
  )
  onTestFinished(async () => {
    for (const { finish } of runs) finish()
    await queue.stop()
  })
  queue.start()
  return { queue, clock, runs, reports, keys: () => runs.map(({ key }) => key) }
}

describe('what is worked on', () => {
  test('a key added many times before its turn is worked on once', async () => {
    const { queue, keys, runs } = aQueue({ concurrency: 1 })
    queue.add('first')
    for (let times = 0; times < 100; times++) queue.add('second')
    await settled()
    runs[0]?.finish()
    await settled()
    runs[1]?.finish()
    await settled()

    expect(keys()).toEqual(['first', 'second'])
  })

  test('a key added while it is worked on is worked on again, and never twice at once', async () => {
    const { queue, runs, keys } = aQueue()
    queue.add('a')
    await settled()
    queue.add('a')
    queue.add('a')
    await settled()
    expect(keys()).toEqual(['a'])

    runs[0]?.finish()
    await settled()
    expect(keys()).toEqual(['a', 'a'])

    runs[1]?.finish()
    await settled()
    expect(keys()).toEqual(['a', 'a'])
  })

  test('no more keys at a time than allowed, in the order they came', async () => {
    const { queue, runs, keys } = aQueue({ concurrency: 2 })
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
    await settled()
    expect(keys()).toEqual(['a', 'b'])
    expect(queue.stats).toEqual({ active: 2, queued: 2, waiting: 0 })

    runs[1]?.finish()
    await settled()
    expect(keys()).toEqual(['a', 'b', 'c'])
  })

  test('nothing before the start, everything after', async () => {
    const clock = new FakeClock()
    const keys: string[] = []
    const queue = new WorkQueue(
      { clock, random: evenRandom, report: () => undefined },
      {
        name: 'things',
        process: (key) => {
          keys.push(key)
          return Promise.resolve()
        },
      },
    )
    onTestFinished(() => queue.stop())
    queue.add('a')
    await settled()
    expect(keys).toEqual([])

    queue.start()
    await queue.whenIdle()
    expect(keys).toEqual(['a'])
  })
})

describe('what waits', () => {
  test('of several delays the earliest counts', async () => {
    const { queue, clock, keys } = aQueue()
    queue.addAfter('a', 10_000)
    queue.addAfter('a', 1_000)
    queue.addAfter('a', 5_000)
    await clock.advance(999)
    expect(keys()).toEqual([])
    await clock.advance(1)
    expect(keys()).toEqual(['a'])
    expect(clock.delays).toHaveLength(1)
  })

  test('a key that waits is worked on at once when added', async () => {
    const { queue, clock, keys, runs } = aQueue()
    queue.addAfter('a', 10_000)
    queue.add('a')
    await settled()
    expect(keys()).toEqual(['a'])

    runs[0]?.finish()
    await clock.advance(20_000)
    expect(keys()).toEqual(['a'])
  })

  test('a result may ask for another look after a time', async () => {
    const { queue, clock, keys, runs } = aQueue()
    queue.add('a')
    await settled()
    runs[0]?.finish({ requeueAfterMs: 30_000 })
    await clock.advance(29_999)
    expect(keys()).toEqual(['a'])
    await clock.advance(1)
    expect(keys()).toEqual(['a', 'a'])
  })

  test('a delay asked for during the work counts after it', async () => {
    const { queue, clock, keys, runs } = aQueue()
    queue.add('a')
    await settled()
    queue.addAfter('a', 1_000)
    runs[0]?.finish({ requeueAfterMs: 30_000 })
    await clock.advance(1_000)
    expect(keys()).toEqual(['a', 'a'])
  })
})

describe('what fails', () => {
  const backoff = { minMs: 100, maxMs: 1_000 }

  test('a key that fails comes back later and later, and from the start after it succeeded', async () => {
    const { queue, clock, runs, reports } = aQueue({ backoff })
    queue.add('a')
    for (const delayMs of [100, 200, 400, 800, 1_000, 1_000]) {
      await settled()
      runs.at(-1)?.fail(new Error('not yet'))
      await clock.whenWaiting(delayMs)
      await clock.advance(delayMs)
    }
    runs.at(-1)?.finish()
    await settled()
    queue.add('a')
    await settled()
    runs.at(-1)?.fail(new Error('again'))
    await clock.whenWaiting(100)

    expect(reports).toHaveLength(7)
    expect(reports[0]).toMatchObject({
      kind: 'reconcile-failed',
      key: 'a',
      attempt: 1,
      delayMs: 100,
    })
  })

  test('one key that fails does not slow down another', async () => {
    const { queue, runs, keys, clock } = aQueue({ backoff, concurrency: 1 })
    queue.add('bad')
    await settled()
    runs[0]?.fail(new Error('bad'))
    await clock.whenWaiting(100)
    queue.add('good')
    await settled()
    expect(keys()).toEqual(['bad', 'good'])
  })

  test('an expected failure is tried again in silence', async () => {
    const { queue, clock, runs, reports } = aQueue({ backoff, isExpected: () => true })
    queue.add('a')
    await settled()
    runs[0]?.fail(new Error('conflict'))
    await clock.whenWaiting(100)
    expect(reports).toEqual([])
  })

  test('work that throws before it waits for anything is a failure like any other', async () => {
    const { queue, clock, reports } = aQueue({
      backoff,
      process: () => {
        throw new Error('at once')
      },
    })
    queue.add('a')
    await clock.whenWaiting(100)
    expect(reports).toHaveLength(1)
  })

  test('work that takes too long is told to stop, and counts as failed', async () => {
    const { queue, clock, runs, reports } = aQueue({ backoff, processTimeoutMs: 5_000 })
    queue.add('a')
    await clock.advance(5_000)

    expect(runs[0]?.signal.aborted).toBe(true)
    expect(reports).toMatchObject([
      {
        kind: 'reconcile-failed',
        error: { message: expect.stringContaining('5000 ms') as string },
      },
    ])
  })
})

describe('stopping', () => {
  test('waits for work in hand, and begins nothing new', async () => {
    const { queue, runs, keys } = aQueue({ concurrency: 1 })
    queue.add('a')
    queue.add('b')
    queue.addAfter('c', 1_000)
    await settled()
    let isStopped = false
    const stopped = queue.stop().then(() => {
      isStopped = true
    })
    await settled()
    expect(isStopped).toBe(false)
    expect(runs[0]?.signal.aborted).toBe(false)

    queue.add('d')
    runs[0]?.finish({ requeueAfterMs: 1 })
    await stopped
    expect(keys()).toEqual(['a'])
    expect(queue.stats).toEqual({ active: 0, queued: 0, waiting: 0 })
  })

  test('aborts what does not end in time, without calling it a failure', async () => {
    const { queue, clock, runs, reports } = aQueue({ drainTimeoutMs: 3_000 })
    queue.add('a')
    await settled()
    const stopped = queue.stop()
    await clock.advance(3_000)
    await stopped

    expect(runs[0]?.signal.aborted).toBe(true)
    expect(reports).toEqual([])
  })

  test('leaves behind, and says so, what ignores even that', async () => {
    const { queue, clock, reports } = aQueue({
      drainTimeoutMs: 3_000,
      process: () => new Promise<void>(() => undefined),
    })
    queue.add('a')
    await settled()
    const stopped = queue.stop()
    await clock.advance(6_000)
    await stopped

    expect(reports).toEqual([{ kind: 'reconcile-abandoned', queue: 'things', keys: ['a'] }])
  })

  test('leaves no timer behind', async () => {
    const { queue, clock, runs } = aQueue()
    queue.add('a')
    queue.addAfter('b', 1_000)
    await settled()
    runs[0]?.finish()
    await queue.stop()
    await queue.stop()
    expect(clock.delays).toEqual([])
  })
})
