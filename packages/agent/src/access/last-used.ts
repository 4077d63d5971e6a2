import type { Clock, Logger } from '../observability/index.ts'

/** What is written of it is this coarse: one write for any number of requests. */
export const LAST_USED_WRITE_MS = 60_000

/** When credentials were last used: known at once, written now and then. */
export interface LastUsed {
  touch(id: string): void
  atMs(id: string): number | undefined
  /** Writes what is not written yet; never rejects, because little is lost. */
  flush(): Promise<void>
}

export function createLastUsed(deps: {
  readonly clock: Clock
  readonly logger: Logger
  /** For the log: `API tokens`. */
  readonly what: string
  readonly write: (usedAtMs: ReadonlyMap<string, number>) => Promise<void>
}): LastUsed {
  const { clock, logger, what, write } = deps
  const used = new Map<string, number>()
  let cancelWrite: (() => void) | undefined

  async function flush(): Promise<void> {
    cancelWrite?.()
    cancelWrite = undefined
    if (used.size === 0) return
    const written = new Map(used)
    used.clear()
    try {
      await write(written)
    } catch (err) {
      logger.warn({ err, what }, 'Could not record when credentials were last used')
    }
  }

  return {
    touch(id) {
      used.set(id, clock.now())
      cancelWrite ??= clock.setTimeout(() => void flush(), LAST_USED_WRITE_MS)
    },
    atMs: (id) => used.get(id),
    flush,
  }
}
