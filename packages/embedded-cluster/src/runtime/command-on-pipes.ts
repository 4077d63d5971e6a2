/** A command of this machine whose input and output are pipes. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { CommandEnd, CommandSession } from '../registry/ports.ts'

/** A command whose program has been found. */
export interface FoundCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdin: boolean
  /** Ends what is left of it; `pid` leads its process group. */
  readonly killAll: (pid: number) => void
}

export interface StartedCommand extends CommandSession {
  /** Of its first process; undefined if there is none. */
  readonly pid?: number
}

/** Ends with the command's first process: whatever it left behind is killed, and with that the output ends. */
export function startOnPipes(command: FoundCommand): StartedCommand {
  const { file, args, cwd, env, killAll } = command
  const child = spawn(file, args, {
    // A process group of its own, to be ended as a whole.
    detached: true,
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command may end, or never begin, without reading what it is given.
  child.stdin.on('error', () => undefined)
  if (!command.stdin) child.stdin.end()
  let hasEnded = false
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'failed', message }))
    child.once('exit', (code, signal) => {
      hasEnded = true
      if (child.pid !== undefined) killAll(child.pid)
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      resolve({ kind: 'exited', exitCode })
    })
  })
  return {
    ...(child.pid !== undefined && { pid: child.pid }),
    ...(command.stdin && { stdin: child.stdin }),
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    resize: () => undefined,
    kill: () => {
      if (!hasEnded && child.pid !== undefined) killAll(child.pid)
    },
  }
}
