/** JSON of the objects that were last sent: a change is told to many watchers, and written out once. */
import type { Stored } from '../registry/registry.ts'

/** Enough for one change to reach every watcher; more would keep a second copy of the whole state. */
const maxKept = 64

export class RecentJson {
  readonly #texts = new Map<Stored, string>()

  of(object: Stored): string {
    let text = this.#texts.get(object)
    if (text === undefined) {
      text = JSON.stringify(object)
      this.#texts.set(object, text)
      const [oldest] = this.#texts.keys()
      if (this.#texts.size > maxKept && oldest !== undefined) this.#texts.delete(oldest)
    }
    return text
  }
}
