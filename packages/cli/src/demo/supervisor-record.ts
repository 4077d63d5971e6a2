/** Which supervisor runs this demo, if one does. */
import { rm } from 'node:fs/promises'
import { parseAs } from '@porpulsion/contract'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import type { DemoLayout } from './layout.ts'
import { identify, isRunning, ProcessIdentity } from './process-identity.ts'

export async function recordSupervisor({ supervisorFile }: DemoLayout): Promise<void> {
  await writeJsonFile(supervisorFile, await identify(process.pid))
}

export async function forgetSupervisor({ supervisorFile }: DemoLayout): Promise<void> {
  await rm(supervisorFile, { force: true })
}

export async function findSupervisor({
  supervisorFile,
}: DemoLayout): Promise<ProcessIdentity | undefined> {
  const stored = await readJsonFile(supervisorFile)
  if (stored === undefined) return undefined
  const identity = parseAs(ProcessIdentity, stored, 'supervisor.json')
  return (await isRunning(identity)) ? identity : undefined
}
