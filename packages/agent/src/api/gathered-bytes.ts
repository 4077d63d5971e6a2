/**
 * Bytes in order, for no more memory than they count. Each piece that a sender cuts costs an object of some hundred bytes
 * for as long as it is kept: 8 MiB that come one by one would be a gigabyte.
 */
export class GatheredBytes {
  #pieces: Buffer[] = []
  #loose = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#length += piece.length
    this.#loose += 1
    if (this.#loose >= maxLoose) this.#join()
  }

  /** All of them; nothing is left here. */
  take(): Buffer {
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#loose = this.#length = 0
    return whole
  }

  /** A joined piece goes on growing until it is worth its memory; each byte is copied a few dozen times at most. */
  #join(): void {
    const joined = Buffer.concat(this.#pieces.splice(-this.#loose))
    this.#pieces.push(joined)
    const isSmall = joined.length < worthItBytes
    this.#loose = isSmall ? 1 : 0
  }
}

const maxLoose = 128
const worthItBytes = 8 * 1024
