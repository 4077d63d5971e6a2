import type { Logger } from './logger.ts'

/** Work nobody awaits at its call: it still has an owner, its failure is logged, and stop waits for it. */
export interface Tasks {
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void
  /** Aborts what runs and waits for it. Idempotent. */
  stop(): Promise<void>
}

export function createTasks(logger: Logger): Tasks {
  const abort = new AbortController()
  const running = new Set<Promise<void>>()

  async function settle(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(abort.signal)
    } catch (err) {
      if (!abort.signal.aborted) logger.error({ err, task: name }, 'Background task failed')
    }
  }

  return {
    run(name, work) {
      if (abort.signal.aborted) return
      const task = settle(name, work).finally(() => running.delete(task))
      running.add(task)
    },
    async stop() {
      abort.abort()
      await Promise.all(running)
    },
  }
}
