/** Commands of this machine for users: found, started on pipes or a terminal, and ended with all that they started. */
import { randomBytes } from 'node:crypto'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { type FoundCommand, type StartedCommand, startOnPipes } from './command-on-pipes.ts'
import { findProcesses, signalProcess } from './processes.ts'

export interface HostCommand {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdin: boolean
  readonly tty: boolean
}

/** By this variable all that a command starts is found again, whatever process group it moved to. */
const idVariable = 'POD_EXEC_ID'

export async function startHostCommand(asked: HostCommand): Promise<StartedCommand> {
  const { command, cwd, stdin, tty } = asked
  const id = randomBytes(16).toString('hex')
  const env: Readonly<Record<string, string>> = { ...asked.env, [idVariable]: id }
  const [name = '', ...args] = command
  const file = findProgram(name, cwd, env['PATH'] ?? '')
  if (file === undefined) return neverStarted(`exec: "${name}": executable file not found in $PATH`)
  const killAll = (pid: number): void => killCommand(pid, id)
  const found: FoundCommand = { file, args, env, cwd, stdin, killAll }
  if (!tty) return startOnPipes(found)
  // Most clusters never see a terminal; its native part is loaded for the first.
  const { startOnTerminal } = await import('./command-on-terminal.ts')
  return startOnTerminal(found)
}

/** As a shell would find it; looked for here, because a failed `exec` on a terminal looks like a command that failed. */
function findProgram(name: string, cwd: string, path: string): string | undefined {
  if (name === '') return undefined
  const candidates = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(delimiter).map((dir) => join(dir, name))
  return candidates.find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function neverStarted(message: string): StartedCommand {
  return {
    stdout: new PassThrough().end(),
    ended: Promise.resolve({ kind: 'failed', message }),
    resize: () => undefined,
    kill: () => undefined,
  }
}

/** What is started while we look is found by the next look; what forks faster than that is beyond us. */
const maxKillRounds = 5

function killCommand(pid: number, id: string): void {
  kill(-pid)
  for (let round = 0; round < maxKillRounds; round += 1) {
    const left = findProcesses(({ env }) => env[idVariable] === id)
    if (left.length === 0) return
    for (const process of left) kill(process.pid)
  }
}

function kill(pid: number): void {
  try {
    signalProcess(pid, 'SIGKILL')
  } catch {
    // It became another user's (`sudo`), and ends when its terminal or pipes do.
  }
}
