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
    let from = Math.max(this.#head, this.#unsettled)
    let to = from
    for (; from < this.#chunks.length; from += 1) {
      const chunk = this.#chunks[from]
      if (chunk === undefined) continue
      if (chunk.length >= blockBytes && chunk.length * 2 >= chunk.buffer.byteLength) {
        this.#chunks[to++] = chunk
      } else {
        to = this.#gather(chunk, to)
      }
    }
    this.#chunks.length = to
    this.#unsettled = to
  }

  /** Copies the chunk behind the last gathered one; answers where the next chunk goes. */
  #gather(chunk: Uint8Array, to: number): number {
    let rest = chunk
    let next = to
    while (rest.length > 0) {
      if (this.#blockFilled === this.#block.length) this.#newBlock(rest.length)
      const part = rest.subarray(0, this.#block.length - this.#blockFilled)
      const start = this.#blockFilled
      this.#block.set(part, start)
      this.#blockFilled += part.length
      rest = rest.subarray(part.length)
      const last = next > this.#head ? this.#chunks[next - 1] : undefined
      if (last?.buffer === this.#block.buffer) {
        // Only this queue writes into the block, and always behind what is taken: the view can grow.
        this.#chunks[next - 1] = this.#block.subarray(last.byteOffset, this.#blockFilled)
      } else {
        this.#chunks[next++] = this.#block.subarray(start, this.#blockFilled)
      }
    }
    return next
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

const smallestBlockBytes = 256
const blockBytes = 16 * 1024
