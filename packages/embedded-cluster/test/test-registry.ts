/** A registry for tests: memory, a clock that is moved by hand, no log. */
import { createMemoryRegistry } from '../src/registry/memory-registry.ts'
import type { LocalRegistry } from '../src/registry/local-registry.ts'
import { Kinds } from '../src/registry/kinds.ts'
import type { Clock, Logger } from '../src/registry/ports.ts'

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

const someTime = Date.parse('2030-01-02T03:04:05Z')

export class ManualClock implements Clock {
  #now = someTime
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }
}

/** With a namespace `default`, as a cluster has it. */
export async function aRegistry(clock = new ManualClock()): Promise<LocalRegistry> {
  const registry = createMemoryRegistry({ clock, logger: quiet })
  await registry.create(Kinds.Namespace, { metadata: { name: 'default' } })
  return registry
}
