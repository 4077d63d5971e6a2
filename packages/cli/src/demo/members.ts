/** From files on disk to clients of running agents. */
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { clientOf } from '../connect.ts'
import { writeContexts } from '../config/context-file.ts'
import type { Io } from '../io.ts'
import type { ReadyMember } from './bring-up.ts'
import type { DemoMember, DemoState } from './demo-state.ts'
import type { DemoLayout } from './layout.ts'

const pollMs = 50
const startTimeoutMs = 60_000

const dashboardUrl = ({ ports }: DemoMember): string => `http://127.0.0.1:${ports.dashboard}`

/** Asks until the agent answers. A process that is starting can be watched in no other way from outside. */
export async function memberWhenReady(
  io: Io,
  layout: DemoLayout,
  member: DemoMember,
): Promise<ReadyMember> {
  const { adminTokenFile, agentLog, clusterLog } = layout.member(member.name)
  const deadlineMs = io.now() + startTimeoutMs
  while (io.now() < deadlineMs) {
    const token = await readToken(adminTokenFile)
    if (token !== undefined) {
      const client = clientOf(io, { url: dashboardUrl(member), token })
      try {
        await client.call('getStatus')
        return { name: member.name, client }
      } catch (error) {
        if (!isPorpulsionError(error) || error.kind !== 'Unavailable') throw error
      }
    }
    await delay(pollMs, undefined, { signal: io.signal }).catch(() => {
      throw new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted')
    })
  }
  const said = await Promise.all([clusterLog, agentLog].map(lastError))
  throw new PorpulsionError(
    'Timeout',
    'DemoNotReady',
    [
      `${member.name} is not up after ${startTimeoutMs / 1_000} s; see ${clusterLog} and ${agentLog}`,
      ...said.filter((line) => line !== undefined),
    ].join('; '),
  )
}

/** What a process that cannot start said last; it is started again and again, so there is only this trace of it. */
async function lastError(logFile: string): Promise<string | undefined> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text.split('\n').findLast((line) => line.startsWith('error: '))
}

/** A context per cluster, the first one current: `--context a` and `--context b`. */
export async function writeDemoContexts(layout: DemoLayout, { members }: DemoState): Promise<void> {
  const contexts = await Promise.all(
    members.map(async (member) => {
      const token = await readToken(layout.member(member.name).adminTokenFile)
      return { name: member.name, url: dashboardUrl(member), ...(token !== undefined && { token }) }
    }),
  )
  await writeContexts(layout.configFile, { current: members[0]?.name ?? '', contexts })
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    return token === '' ? undefined : token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
