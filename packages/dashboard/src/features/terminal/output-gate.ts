/** Bytes on their way to the screen at most. A command that floods is faster than any screen. */
export const MAX_PENDING_BYTES = 2 * 1024 * 1024

/**
 * Between a command and the screen that draws what it writes. What the screen cannot keep up with is left out and
 * counted: kept, it would take all memory, and nobody could read it.
 */
export class OutputGate {
  readonly #draw: (data: Uint8Array | string, done: () => void) => void
  #pendingBytes = 0
  #leftOutBytes = 0

  constructor(draw: (data: Uint8Array | string, done: () => void) => void) {
    this.#draw = draw
  }

  write(bytes: Uint8Array): void {
    if (this.#pendingBytes + bytes.length > MAX_PENDING_BYTES) {
      this.#leftOutBytes += bytes.length
      return
    }
    this.#sayWhatIsMissing()
    this.#pendingBytes += bytes.length
    this.#draw(bytes, () => {
      this.#pendingBytes -= bytes.length
    })
  }

  #sayWhatIsMissing(): void {
    if (this.#leftOutBytes === 0) return
    const kib = Math.ceil(this.#leftOutBytes / 1024).toLocaleString('en')
    this.#leftOutBytes = 0
    this.#draw(`\r\n\u001b[2m[${kib} KiB came too fast to be shown]\u001b[0m\r\n`, () => undefined)
  }
}
