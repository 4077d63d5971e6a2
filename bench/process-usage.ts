/** What processes use, from /proc: Linux only, as the benchmarks are. */
import { readdir, readFile, writeFile } from 'node:fs/promises'

/** Ticks per second of /proc/<pid>/stat; the same on every Linux since long. */
const ticksPerSecond = 100

/** User and system time of all of them together, since they began. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(
    pids.map(async (pid) => {
      const fields = await statOf(pid)
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    }),
  )
  return each.reduce((sum, one) => sum + one, 0)
}

/** The largest of them, since `forgetPeaks`. */
export async function peakRssMiB(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      const kib = /VmHWM:\s+(\d+)/.exec(status)?.[1]
      if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmHWM`)
      return Number(kib) / 1024
    }),
  )
  return Math.max(0, ...each)
}

/** The kernel starts to look for the peak anew. */
export async function forgetPeaks(pids: readonly number[]): Promise<void> {
  await Promise.all(pids.map((pid) => writeFile(`/proc/${pid}/clear_refs`, '5')))
}

/** The process, its children and theirs. */
export async function descendantsOf(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // One that ended meanwhile is nobody's child.
    const fields = await statOf(Number(name)).catch(() => [])
    parents.set(Number(name), Number(fields[1]))
  }
  const found = new Set([root])
  for (let before = 0; before !== found.size;) {
    before = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** Fields from the third on: the second is a name that may hold anything. */
async function statOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
