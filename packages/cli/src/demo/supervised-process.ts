/** One process that is started again when it ends, until it is told to stop. */

export interface ProcessHandle {
  readonly pid: number
  /** It has said that it does its work. */
  readonly ready: Promise<void>
  readonly exited: Promise<void>
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void
}

export interface SupervisedProcessDeps {
  readonly spawn: () => ProcessHandle
  /** Runs the callback once after the delay; the result cancels. */
  readonly setTimeout: (callback: () => void, delayMs: number) => () => void
  /** Told each new process id. */
  readonly onStarted: (pid: number) => void
  /** It owns what outlives it, and only it can end that: if it is down when it shall stop, it is started once more. */
  readonly endsWhatItOwns?: boolean
}

/** Long enough that a process that cannot start does not fill a core, short enough that nobody goes for coffee. */
export const restartDelayMs = 1_000
/** For good order: agents say goodbye to their peers, clusters end their pods. */
export const stopGraceMs = 15_000

export interface SupervisedProcess {
  /** Resolves when it is ready for the first time. */
  readonly start: () => Promise<void>
  /** Ends it for good. Idempotent. */
  readonly stop: () => Promise<void>
}

export function superviseProcess(deps: SupervisedProcessDeps): SupervisedProcess {
  let current: ProcessHandle | undefined
  let isStopping = false
  let cancelRestart = (): void => undefined
  let markReady = (): void => undefined
  const firstReady = new Promise<void>((resolve) => (markReady = resolve))

  function run(): void {
    const process = deps.spawn()
    current = process
    deps.onStarted(process.pid)
    // One that dies before it is ready leaves the promise to the one that follows it.
    void process.ready.then(markReady)
    void process.exited.then(() => {
      current = undefined
      if (!isStopping) cancelRestart = deps.setTimeout(run, restartDelayMs)
    })
  }

  return {
    async start() {
      run()
      await firstReady
    },

    async stop() {
      const wasStopping = isStopping
      isStopping = true
      cancelRestart()
      if (current === undefined && deps.endsWhatItOwns === true && !wasStopping) run()
      const process = current
      if (process === undefined) return
      const cancelKill = deps.setTimeout(() => process.signal('SIGKILL'), stopGraceMs)
      // Before it is ready a signal would end it half way up, with what it owns not yet found.
      if (deps.endsWhatItOwns === true) await Promise.race([process.ready, process.exited])
      process.signal('SIGTERM')
      await process.exited
      cancelKill()
    },
  }
}
