/** Stands where a chunk was. */
const taken = new Uint8Array(0)

/**
 * Bytes in order, in the chunks they came in. Nothing is copied on the way through; what stays for
 * long is brought into a form that costs no more memory than it counts (`settle`).
 */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  #head = 0
  #byteLength = 0
  /** Chunks from here on have not been looked at by `settle`. */
  #unsettled = 0
  /** Small chunks that stayed are gathered here; its free end takes the next ones. */
  #block = new Uint8Array(0)
  #blockFilled = 0

  get byteLength(): number {
    return this.#byteLength
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#byteLength += bytes.length
    if (this.#chunks.length - Math.max(this.#head, this.#unsettled) >= maxLooseChunks) this.settle()
  }

  /** The first chunk, or the first `maxBytes` of it; undefined if the queue is empty. */
  take(maxBytes = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const chunk = this.#chunks[this.#head]
    if (chunk === undefined) return undefined
    if (chunk.length > maxBytes) {
      this.#chunks[this.#head] = chunk.subarray(maxBytes)
      this.#byteLength -= maxBytes
      return chunk.subarray(0, maxBytes)
    }
    // Its place is cleared at once: until the list is shortened it would pin bytes that have long been sent.
    this.#chunks[this.#head] = taken
    this.#head += 1
    this.#byteLength -= chunk.length
    if (this.#head === this.#chunks.length) this.#forgetTaken()
    else if (this.#head >= 64 && this.#head * 2 >= this.#chunks.length) this.#forgetTaken()
    return chunk
  }

  clear(): void {
    this.#chunks = []
    this.#head = 0
    this.#unsettled = 0
    this.#byteLength = 0
    this.#block = new Uint8Array(0)
    this.#blockFilled = 0
  }

  /**
   * For bytes that will wait. A chunk that is a small view into something large pins all of it, and
   * a peer that sends single bytes would make us keep an object for each; both are copied together.
   */
  settle(): void {
    const from = Math.max(this.#head, this.#unsettled)
    if (from === this.#chunks.length) return
    for (const chunk of this.#chunks.splice(from)) {
      const isWorthItsMemory =
        chunk.length >= blockBytes && chunk.length * 2 >= chunk.buffer.byteLength
      if (isWorthItsMemory) this.#chunks.push(chunk)
      else this.#gather(chunk)
    }
    this.#unsettled = this.#chunks.length
  }

  /** Copies the chunk into the block, behind what was gathered last. */
  #gather(chunk: Uint8Array): void {
    for (let rest = chunk; rest.length > 0;) {
      if (this.#blockFilled === this.#block.length) this.#newBlock(rest.length)
      const start = this.#blockFilled
      const part = rest.subarray(0, this.#block.length - start)
      this.#block.set(part, start)
      this.#blockFilled += part.length
      rest = rest.subarray(part.length)
      const lastIndex = this.#chunks.length - 1
      const last = lastIndex >= this.#head ? this.#chunks[lastIndex] : undefined
      if (last?.buffer === this.#block.buffer) {
        // Only this queue writes into the block, and always behind what is taken: the view can grow.
        this.#chunks[lastIndex] = this.#block.subarray(last.byteOffset, this.#blockFilled)
      } else {
        this.#chunks.push(this.#block.subarray(start, this.#blockFilled))
      }
    }
  }

  #newBlock(atLeast: number): void {
    const size = Math.max(smallestBlockBytes, this.#block.length * 2, atLeast)
    this.#block = new Uint8Array(Math.min(blockBytes, size))
    this.#blockFilled = 0
  }

  #forgetTaken(): void {
    this.#chunks.splice(0, this.#head)
    this.#unsettled = Math.max(0, this.#unsettled - this.#head)
    this.#head = 0
  }
}

/** More than these have not been taken at once: they wait. */
const maxLooseChunks = 256
const smallestBlockBytes = 256
const blockBytes = 16 * 1024
