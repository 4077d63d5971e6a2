import { Duplex } from 'node:stream'

class Half extends Duplex {
  other: Half | undefined
  #waiting: (() => void) | undefined

  override _read(): void {
    const go = this.#waiting
    this.#waiting = undefined
    go?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this
    if (other === undefined || other.destroyed) done()
    else if (other.push(chunk)) done()
    else other.#waiting = done
  }

  override _final(done: () => void): void {
    this.other?.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this
    queueMicrotask(() => other?.destroy())
    done(error)
  }
}

/** Two ends of one connection in memory. Node has this only since 22. */
export function duplexPair(): [Duplex, Duplex] {
  const a = new Half()
  const b = new Half()
  a.other = b
  b.other = a
  for (const half of [a, b]) half.on('error', () => undefined)
  return [a, b]
}
