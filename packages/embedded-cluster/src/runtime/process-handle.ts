/** The process of a container: our child, or one that an earlier cluster started. */
import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { Clock } from '../registry/ports.ts'
import { isRunning, signalProcess, type ProcessIdentity } from './processes.ts'

export interface ProcessHandle {
  /** Resolves with the exit code, if anybody saw it. Never rejects. */
  readonly exited: Promise<number | undefined>
  /** SIGKILL goes to all that the process has started, too. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
  /** Nobody waits any more: leaves nothing behind that would keep this process from ending. */
  release(): void
}

/** A program that has not said after this time that it has started counts as started: it may just be slow. */
const startedTimeoutMs = 5_000

export class ChildHandle implements ProcessHandle {
  readonly exited: Promise<number | undefined>
  readonly #child: ChildProcess
  readonly #clock: Clock

  /** `onError`: the process could not be started. It counts as exited. */
  constructor(child: ChildProcess, clock: Clock, onError: (error: Error) => void) {
    this.#child = child
    this.#clock = clock
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#endGroup()
        resolve(code ?? (signal === null ? undefined : 128 + constants.signals[signal]))
      })
      child.once('error', (error) => {
        onError(error)
        resolve(undefined)
      })
    })
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid, exitCode, signalCode } = this.#child
    // Until its exit was seen the process is a zombie at least, so the id cannot be anybody else's.
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    signalProcess(signal === 'SIGKILL' ? -pid : pid, signal)
  }

  release(): void {
    this.#child.unref()
  }

  /** What the program finds on its standard input. */
  send(text: string): void {
    const { stdin } = this.#child
    // A process that ended before it read has its reason in its log.
    stdin?.on('error', () => undefined)
    stdin?.end(text)
  }

  /** The program writes a byte to descriptor 3 once it does its work; if it ends before, the descriptor closes. */
  async startedOrEnded(): Promise<void> {
    const pipe = this.#child.stdio[3] as Readable // whoever spawned it asked for a pipe there
    let cancel = (): void => undefined
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#clock.setTimeout(resolve, startedTimeoutMs)
    })
    const said = new Promise<void>((resolve) => {
      for (const event of ['data', 'close', 'error']) pipe.once(event, () => resolve())
    })
    await Promise.race([said, this.exited, timeout])
    cancel()
    pipe.destroy()
  }

  /** Children that a host command left behind; they are in the session that the container's process led. */
  #endGroup(): void {
    if (this.#child.pid !== undefined) signalProcess(-this.#child.pid, 'SIGKILL')
  }
}

/** Nobody tells us when a process ends that is not our child. */
const pollMs = 500
/** While somebody waits for it. */
const endingPollMs = 20

export class AdoptedHandle implements ProcessHandle {
  readonly exited: Promise<undefined>
  readonly #process: ProcessIdentity
  readonly #clock: Clock
  #isEnding = false
  #isReleased = false
  #wake = (): void => undefined

  constructor(process: ProcessIdentity, clock: Clock) {
    this.#process = process
    this.#clock = clock
    this.exited = this.#watch()
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#process
    if (isRunning(this.#process)) signalProcess(signal === 'SIGKILL' ? -pid : pid, signal)
    this.#isEnding = true
    this.#wake()
  }

  release(): void {
    this.#isReleased = true
    this.#wake()
  }

  async #watch(): Promise<undefined> {
    while (isRunning(this.#process)) {
      // For ever: what was let go has not ended.
      if (this.#isReleased) await new Promise(() => undefined)
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.setTimeout(resolve, this.#isEnding ? endingPollMs : pollMs)
        this.#wake = () => {
          cancel()
          resolve()
        }
      })
    }
    return undefined
  }
}
