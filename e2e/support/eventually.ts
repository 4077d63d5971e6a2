import { setTimeout as wait } from 'node:timers/promises'

/**
 * Other processes tell a test nothing, so it has to look. Looks until `check` stops throwing; the last failure is
 * what the test then reports.
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (cause) {
      if (performance.now() > deadline)
        throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause })
      await wait(100)
    }
  }
}
