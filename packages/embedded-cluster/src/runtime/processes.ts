/** Processes of this machine, found by what they were started with. A process id alone proves nothing: ids come back. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to the start of the process: with the id, unique until the machine restarts. */
  readonly startTicks: string
}

export interface FoundProcess extends ProcessIdentity {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Every process of this user of which `isWanted` approves; empty where there is no /proc. */
export function findProcesses(isWanted: (process: FoundProcess) => boolean): FoundProcess[] {
  return processIds()
    .map(inspect)
    .filter((process) => process !== undefined)
    .filter(isWanted)
}

/** True while the very same process runs; a zombie has ended. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = readStat(pid)
  return stat?.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X'
}

/** Sends a signal; a process, or group, that is gone already is what the caller wanted. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function inspect(pid: number): FoundProcess | undefined {
  const stat = readStat(pid)
  if (stat === undefined || stat.state === 'Z') return undefined
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    const env = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
      .map(splitVariable)
    return { pid, startTicks: stat.startTicks, args, env: Object.fromEntries(env) }
  } catch {
    // Ended meanwhile, or another user's.
    return undefined
  }
}

function splitVariable(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

function readStat(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything, brackets and blanks included.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' }
  } catch {
    return undefined
  }
}
