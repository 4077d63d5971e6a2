/** What this machine and its processes take. Of processes Linux alone tells, below /proc. */
import { readFileSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'

export interface ProcessUsage {
  /** Since the process began; of children it waited for, too. */
  readonly cpuMs: number
  /** Resident. */
  readonly memoryBytes: number
}

/** What Linux shows to programs, whatever its own clock: 100 ticks a second. */
const msPerTick = 10

/** Of the whole machine, whoever runs on it. */
export function machineUsage(): ProcessUsage {
  const busyMs = cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  )
  return { cpuMs: busyMs, memoryBytes: totalmem() - freemem() }
}

/** Undefined for a process that is gone, and where there is no /proc. */
export function readUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // From the third field on: the second is a name that may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return { cpuMs: ticks * msPerTick, memoryBytes: Number(resident ?? 0) * 1024 }
  } catch {
    return undefined
  }
}
