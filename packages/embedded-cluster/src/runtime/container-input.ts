/** The cluster's end of the FIFO of a container (`images/input-frames.ts`), as one attached client has it. */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { encodeInput, type InputFrame, maxInputBytes } from '../images/input-frames.ts'
import type { TerminalSize } from '../registry/ports.ts'

export class ContainerInput {
  readonly #fifo: Socket
  /** One frame after the other: only a write of a single one is in one piece. */
  #lastWrite = Promise.resolve()
  #nextSize: TerminalSize | undefined
  #isSizing = false

  /** Throws if nobody reads: the container's process has just ended, or is slow to begin. */
  constructor(file: string) {
    const fd = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK)
    this.#fifo = new Socket({ fd, readable: false, writable: true })
    // Fails when the container ends, which is told elsewhere; until then it must not keep the cluster from ending.
    this.#fifo.on('error', () => undefined)
    this.#fifo.unref()
  }

  /** Resolves once the container's process will get it: not before the program has read most of what came earlier. */
  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += maxInputBytes) {
      await this.#send({ kind: 'bytes', bytes: bytes.subarray(at, at + maxInputBytes) })
    }
  }

  /** The program's input ends, whoever else is attached. */
  end(): Promise<void> {
    return this.#send({ kind: 'end' })
  }

  /** If sizes come faster than they can be told, the last one counts. */
  async resize(size: TerminalSize): Promise<void> {
    this.#nextSize = size
    if (this.#isSizing) return
    this.#isSizing = true
    for (let next = this.#takeSize(); next !== undefined; next = this.#takeSize()) {
      await this.#send({ kind: 'size', ...next })
    }
    this.#isSizing = false
  }

  close(): void {
    this.#fifo.destroy()
  }

  #takeSize(): TerminalSize | undefined {
    const size = this.#nextSize
    this.#nextSize = undefined
    return size
  }

  /** Resolves also when the container has ended, or this is closed: there is nobody left to write to. */
  #send(frame: InputFrame): Promise<void> {
    this.#lastWrite = this.#lastWrite.then(
      () =>
        new Promise((resolve) => {
          this.#fifo.write(encodeInput(frame), () => resolve())
        }),
    )
    return this.#lastWrite
  }
}
