import { readFile } from 'node:fs/promises'

export interface ProcessUsage {
  readonly peakRssMiB: number
}

/** From /proc, so Linux only, as the benchmarks are. */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kib = /VmHWM:\s+(\d+)/.exec(status)?.[1]
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmHWM`)
  return { peakRssMiB: Number(kib) / 1024 }
}
