/**
 * Any program of this machine as the container's first process: `[--stdin] [--tty] -- COMMAND [ARGS…]`. Its output goes
 * to the container's log. With an input or a terminal, somebody may be attached who waits for a prompt: then what is
 * written goes there at once, whether it ends a line or not.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { startHostCommand } from '../runtime/host-commands.ts'
import type { ContainerProcess } from './container-process.ts'
import type { CriLogWriter, LogStream } from './cri-log.ts'
import { receiveInput } from './receive-input.ts'

/** What a shell says when a command could not be found or run; Kubernetes users know it. */
const cannotStart = 127

/** Signals that the runtime, or a user with `kill`, sends to the container and that are meant for the command. */
const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

type Environment = Readonly<Record<string, string>>

export function hostCommandArgs(
  words: readonly string[],
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
): string[] {
  return [...(stdin ? ['--stdin'] : []), ...(tty ? ['--tty'] : []), '--', ...words]
}

/** Resolves to the exit code. */
export function runHostCommand(
  args: readonly string[],
  env: Environment,
  container: ContainerProcess,
): Promise<number> {
  const at = args.indexOf('--')
  const options = args.slice(0, at)
  const words = args.slice(at + 1)
  if (options.includes('--tty')) return runOnTerminal(words, env, container)
  return runOnPipes(words, env, container, options.includes('--stdin'))
}

function runOnPipes(
  [command = '', ...args]: readonly string[],
  env: Environment,
  { log, started, inputFile }: ContainerProcess,
  stdin: boolean,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  const isAttachable = child.stdin !== null
  child.stdout?.on('data', (chunk: Buffer) => print(log, 'stdout', chunk, isAttachable))
  child.stderr?.on('data', (chunk: Buffer) => print(log, 'stderr', chunk, isAttachable))
  if (child.stdin !== null) {
    receiveInput(inputFile, { stdin: child.stdin, resize: () => undefined })
  }
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('spawn', started)
    child.once('error', ({ message }) => resolve(refuse(log, command, message)))
    // `close` comes after the last output; a grandchild that keeps the pipe must not keep the container, though.
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + signalNumber(signal)
      const done = (): void => resolve(exitCode)
      child.once('close', done)
      setTimeout(done, 250)
    })
  })
}

/** It is in a session of its own, so what it leaves behind is looked for when it has ended, here and by the runtime. */
async function runOnTerminal(
  words: readonly string[],
  env: Environment,
  { log, started, inputFile }: ContainerProcess,
): Promise<number> {
  const terminal = { cwd: process.cwd(), stdin: true, tty: true }
  const session = await startHostCommand({ command: words, env, ...terminal })
  const { pid, stdin, stdout, ended } = session
  if (pid === undefined || stdin === undefined) {
    const end = await ended
    return refuse(log, words[0] ?? '', end.kind === 'failed' ? end.message : 'no terminal')
  }
  for (const signal of forwarded) process.on(signal, () => process.kill(pid, signal))
  stdout.on('data', (chunk: Buffer) => print(log, 'stdout', chunk, true))
  const allRead = once(stdout, 'close')
  receiveInput(inputFile, { stdin, resize: (size) => session.resize(size) })
  started()
  const end = await ended
  await allRead
  return end.kind === 'exited' ? end.exitCode : refuse(log, words[0] ?? '', end.message)
}

function print(log: CriLogWriter, stream: LogStream, chunk: Buffer, isAwaited: boolean): void {
  log.write(stream, chunk)
  if (isAwaited) log.flush()
}

function refuse(log: CriLogWriter, command: string, reason: string): number {
  log.write('stderr', Buffer.from(`Cannot run "${command}": ${reason}\n`))
  return cannotStart
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal]
}
