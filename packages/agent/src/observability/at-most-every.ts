import type { Clock } from './clock.ts'

/** Calls at once, and of all calls within the time after that one more, at its end. */
export function atMostEvery(
  intervalMs: number,
  call: () => void,
  clock: Clock,
): { readonly request: () => void; readonly stop: () => void } {
  let cancel: (() => void) | undefined
  let isDue = false
  let isStopped = false

  function run(): void {
    isDue = false
    call()
    cancel = clock.setTimeout(() => {
      cancel = undefined
      if (isDue) run()
    }, intervalMs)
  }

  return {
    request() {
      if (isStopped) return
      if (cancel === undefined) run()
      else isDue = true
    },
    /** What is still due is not called any more. */
    stop() {
      isStopped = true
      cancel?.()
    },
  }
}
