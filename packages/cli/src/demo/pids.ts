import { readJsonFile } from './json-file.ts'
import type { DemoLayout } from './layout.ts'

/** `pids.json`: process id by name (`clusterA`, `agentA`, …); while one is being restarted, its last. */
export type Pids = ReadonlyMap<string, number>

export async function readPids({ pidsFile }: DemoLayout): Promise<Pids> {
  const stored = await readJsonFile(pidsFile)
  if (typeof stored !== 'object' || stored === null) return new Map()
  const entries: [string, unknown][] = Object.entries(stored)
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}
