import { expect, test } from 'vitest'
import {
  restartDelayMs,
  stopGraceMs,
  superviseProcess,
  type SupervisedProcess,
} from './supervised-process.ts'

interface FakeProcess {
  readonly pid: number
  readonly signals: string[]
  readonly becomeReady: () => void
  readonly exit: () => void
}

/** Processes that do what the test says, under a clock that the test moves. */
function supervised(options: { endsWhatItOwns?: boolean } = {}): {
  process: SupervisedProcess
  spawned: FakeProcess[]
  pids: number[]
  advance: (ms: number) => Promise<void>
} {
  const spawned: FakeProcess[] = []
  const pids: number[] = []
  let now = 0
  const timers = new Map<() => void, number>()
  const process = superviseProcess({
    ...options,
    spawn: () => {
      let becomeReady = (): void => undefined
      let exit = (): void => undefined
      const signals: string[] = []
      const ready = new Promise<void>((resolve) => (becomeReady = resolve))
      const exited = new Promise<void>((resolve) => (exit = resolve))
      const pid = 100 + spawned.length
      spawned.push({ pid, signals, becomeReady, exit })
      return { pid, ready, exited, signal: (name) => signals.push(name) }
    },
    setTimeout: (callback, delayMs) => {
      timers.set(callback, now + delayMs)
      return () => timers.delete(callback)
    },
    onStarted: (pid) => pids.push(pid),
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    process,
    spawned,
    pids,
    async advance(ms) {
      await settle()
      now += ms
      for (const [callback, atMs] of timers) {
        if (atMs > now) continue
        timers.delete(callback)
        callback()
      }
      await settle()
    },
  }
}

test('a process that dies is started again after a second, with its new id told', async () => {
  const { process, spawned, pids, advance } = supervised()
  void process.start()
  spawned[0]!.exit()
  await advance(restartDelayMs - 1)
  expect(pids).toEqual([100])
  await advance(1)
  expect(pids).toEqual([100, 101])
})

test('start resolves when one is ready, even if the first died before', async () => {
  const { process, spawned, advance } = supervised()
  let isReady = false
  void process.start().then(() => (isReady = true))
  spawned[0]!.exit()
  await advance(restartDelayMs)
  expect(isReady).toBe(false)
  spawned[1]!.becomeReady()
  await advance(0)
  expect(isReady).toBe(true)
})

test('stop asks first, insists after the grace, and nothing is started again', async () => {
  const { process, spawned, pids, advance } = supervised()
  void process.start()
  const stopped = process.stop()
  await advance(stopGraceMs - 1)
  expect(spawned[0]!.signals).toEqual(['SIGTERM'])
  await advance(1)
  expect(spawned[0]!.signals).toEqual(['SIGTERM', 'SIGKILL'])
  spawned[0]!.exit()
  await stopped
  await advance(restartDelayMs)
  expect(pids).toEqual([100])
})

test('what is down when it shall stop stays down', async () => {
  const { process, spawned, pids, advance } = supervised()
  void process.start()
  spawned[0]!.exit()
  await advance(0)
  await process.stop()
  await advance(restartDelayMs)
  expect(pids).toEqual([100])
})

test('a cluster that is down when it shall stop comes up once more, to end its pods', async () => {
  const { process, spawned, advance } = supervised({ endsWhatItOwns: true })
  void process.start()
  spawned[0]!.exit()
  await advance(0)
  const stopped = process.stop()
  await advance(0)
  expect(spawned[1]!.signals).toEqual([])
  spawned[1]!.becomeReady()
  await advance(0)
  expect(spawned[1]!.signals).toEqual(['SIGTERM'])
  spawned[1]!.exit()
  await stopped
  expect(spawned).toHaveLength(2)
})
