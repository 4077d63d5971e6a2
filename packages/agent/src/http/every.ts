import type { Clock } from '../observability/index.ts'

/** Again and again, first after one period. The returned function ends it. */
export function every(clock: Clock, periodMs: number, task: () => void): () => void {
  let cancel = clock.setTimeout(again, periodMs)
  function again(): void {
    cancel = clock.setTimeout(again, periodMs)
    task()
  }
  return () => {
    cancel()
  }
}
