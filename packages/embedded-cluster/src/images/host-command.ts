import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { ContainerProcess } from './container-process.ts'

/** What a shell says when a command could not be found or run; Kubernetes users know it. */
const cannotStart = 127

/** Signals that the runtime, or a user with `kill`, sends to the container and that are meant for the command. */
const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** Runs any program of this machine as the container's first process; its output goes to the container's log. */
export function runHostCommand(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { log, started }: ContainerProcess,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', (chunk: Buffer) => log.write('stdout', chunk))
  child.stderr.on('data', (chunk: Buffer) => log.write('stderr', chunk))
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('spawn', started)
    child.once('error', (error) => {
      log.write('stderr', Buffer.from(`Cannot run "${command}": ${error.message}\n`))
      resolve(cannotStart)
    })
    // `close` comes after the last output; a grandchild that keeps the pipe must not keep the container, though.
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + signalNumber(signal)
      const done = (): void => resolve(exitCode)
      child.once('close', done)
      setTimeout(done, 250)
    })
  })
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal]
}
