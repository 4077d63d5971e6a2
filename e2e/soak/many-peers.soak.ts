/** Two hundred peers that lost one agent at once, and come back to it at once. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import type { AgentStatus, PeerList } from '@porpulsion/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endChild } from '../support/child.ts'
import { eventually } from '../support/eventually.ts'
import type { ManyAgents } from '../support/many-agents-main.ts'
import { openMember, type Member } from '../support/pair.ts'
import { quantile, report } from '../support/report.ts'

const PEERS = 200
const MAX_LINKED_MS = 60_000
const MAX_RSS_MIB = 350
const MAX_HEALTH_P99_MS = 1_000

let hub: { readonly member: Member; close(): Promise<void> }
let others: ChildProcess
beforeAll(async () => {
  hub = await openMember('a')
  const { fingerprint } = (await hub.member.api('GET', '/api/status')) as AgentStatus
  const order: ManyAgents = {
    count: PEERS,
    url: hub.member.peerUrl,
    caCertificatePem: await hub.member.caCertificate(),
    fingerprint,
  }
  const script = join(import.meta.dirname, '../support/many-agents-main.ts')
  others = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (others.stdout === null) throw new Error('It has no output')
  const [line] = (await once(createInterface(others.stdout), 'line')) as [string]
  const certificates = JSON.parse(line) as string[] // printed by that script
  await hub.member.declarePeers(certificates)
})
afterAll(async () => {
  await endChild(others, 'SIGKILL')
  await hub.close()
})

async function linkedPeers(): Promise<number> {
  const { items } = (await hub.member.api('GET', '/api/peers')) as PeerList
  return items.filter(({ status }) => status?.link === 'Connected').length
}

test(`${PEERS} peers at once are all linked within a minute, and the agent answers all the while`, async () => {
  await eventually('all are linked for the first time', 120_000, async () =>
    expect(await linkedPeers()).toBe(PEERS),
  )
  const { member } = hub
  await member.kill()
  // Until all have noticed, and wait.
  await wait(3_000)
  await member.start()
  const started = performance.now()
  const healthMs: number[] = []
  let peakRssMiB = 0
  let isOver = false
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const asked = performance.now()
      const answer = await member.call('GET', '/healthz')
      answer.resume()
      healthMs.push(performance.now() - asked)
      peakRssMiB = Math.max(peakRssMiB, (await member.usage()).rssMiB)
      await wait(50)
    }
  }
  const watching = watch()
  await eventually('all are linked again', MAX_LINKED_MS, async () =>
    expect(await linkedPeers()).toBe(PEERS),
  )
  const linkedMs = Math.round(performance.now() - started)
  isOver = true
  await watching
  report('many-peers', {
    peers: PEERS,
    linkedMs,
    peakRssMiB,
    healthP50Ms: Math.round(quantile(healthMs, 0.5)),
    healthP99Ms: Math.round(quantile(healthMs, 0.99)),
    agentLogLines: member.log.length,
  })
  expect(linkedMs).toBeLessThanOrEqual(MAX_LINKED_MS)
  expect(peakRssMiB).toBeLessThanOrEqual(MAX_RSS_MIB)
  expect(quantile(healthMs, 0.99)).toBeLessThanOrEqual(MAX_HEALTH_P99_MS)
})
