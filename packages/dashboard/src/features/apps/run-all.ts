/** The same done to many, a few at a time: what came of each. */
import { isPorpulsionError } from '@porpulsion/contract'

/** More at once would only wait at the agent. */
const AT_ONCE = 6

export interface Failure<T> {
  readonly item: T
  readonly code: string
  readonly message: string
}

export interface Outcome<T> {
  readonly done: readonly T[]
  readonly failed: readonly Failure<T>[]
}

/** Never fails: each failure is reported beside its item. `onProgress` is told how many are through. */
export async function runAll<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  onProgress: (through: number) => void = () => undefined,
): Promise<Outcome<T>> {
  const failures = new Map<T, Failure<T>>()
  const waiting = [...items]
  let through = 0
  async function work(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await act(item)
      } catch (error) {
        failures.set(item, failureOf(item, error))
      }
      onProgress(++through)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return {
    done: items.filter((item) => !failures.has(item)),
    failed: items.flatMap((item) => failures.get(item) ?? []),
  }
}

function failureOf<T>(item: T, error: unknown): Failure<T> {
  const message = error instanceof Error ? error.message : String(error)
  return { item, code: isPorpulsionError(error) ? error.code : 'Error', message }
}
