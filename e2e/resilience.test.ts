import { kill } from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { defaultReplicas, type RemoteAppList } from '@porpulsion/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterOf, ExecutingApps, hosted, RemoteApps } from './support/cluster.ts'
import { startDemo, type Demo, type ProcessName } from './support/demo.ts'
import { eventually } from './support/eventually.ts'

const KILLS_EACH = 10
const JOINT_KILLS = 20
/** A change has passed through both agents well within this. */
const MAX_DELAY_MS = 800
const deploy = ['app', 'deploy', '--peer', 'b', '--image', 'porpulsion/hello', '--port', '8080']
const processes: readonly ProcessName[] = ['clusterA', 'agentA', 'clusterB', 'agentB']

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.remove())

/** Both clusters tell the same story: the same apps as wanted, all of them ready, and nothing else at the host. */
async function converge(): Promise<void> {
  await eventually('both sides agree', 120_000, async () => {
    const a = await clusterOf(demo.kubeconfig('a'))
    const b = await clusterOf(demo.kubeconfig('b'))
    const wanted = (await a.list(RemoteApps)).items
    const running = (await b.list(ExecutingApps)).items
    expect(running.map((app) => app.spec.submitter.uid).sort()).toEqual(
      wanted.map((app) => app.metadata.uid).sort(),
    )
    for (const app of wanted) {
      const replicas = app.spec.replicas ?? defaultReplicas
      expect(app.status).toMatchObject({ phase: 'Ready', readyReplicas: replicas, replicas })
    }
    const replicas = wanted.reduce((sum, app) => sum + (app.spec.replicas ?? defaultReplicas), 0)
    const there = await hosted(b)
    expect(there.deployments).toHaveLength(wanted.length)
    expect(there.pods).toHaveLength(replicas)
  })
}

/** Names of the apps that are not being deleted, as a's agent knows them. */
async function runningApps(): Promise<Set<string>> {
  const list = (await demo.json('app', 'list')) as RemoteAppList
  const running = list.items.filter((app) => app.metadata.deletionTimestamp === undefined)
  return new Set(running.map((app) => app.metadata.name))
}

/** Kills whatever has this pid now; between two lives of a process there is nothing to kill. */
function killHard(pid: number): void {
  try {
    kill(pid, 'SIGKILL')
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' })
  }
}

test(`each process killed ${KILLS_EACH} times during changes: both sides converge to the same truth`, async () => {
  const numbers = fc.sample(fc.nat(1_000), { seed: 42, numRuns: KILLS_EACH * processes.length * 4 })
  const next = (): number => numbers.pop() ?? 0
  let done = 0

  for (const victim of Array.from({ length: KILLS_EACH }, () => processes).flat()) {
    const exists = await eventually('a answers', 60_000, runningApps)
    const name = `app-${next() % 3}`
    const replicas = String(next() % 3)
    const change = !exists.has(name)
      ? demo.cli(...deploy, name, '--replicas', replicas)
      : next() % 3 === 0
        ? demo.cli('app', 'delete', name)
        : demo.cli('app', 'scale', name, '--replicas', replicas)
    // Somewhere between the command's start and what follows from it at the other side.
    await wait(next() % MAX_DELAY_MS)
    killHard((await demo.pids())[victim])
    done += (await change).code === 0 ? 1 : 0
  }
  // Commands may fail while what they talk to is dead, but most find it alive.
  expect(done).toBeGreaterThan(KILLS_EACH)
  await converge()
}, 900_000)

test('a change made while the other agent is away is there when it is back', async () => {
  await eventually('a answers', 60_000, runningApps)
  killHard((await demo.pids()).agentB)
  const scaled = await demo.cli('app', 'scale', 'hello', '--replicas', '2')
  expect(scaled).toMatchObject({ code: 0 })
  await converge()
})

test(`both agents killed together ${JOINT_KILLS} times: the link comes back each time`, async () => {
  for (let round = 0; round < JOINT_KILLS; round++) {
    const before = await demo.pids()
    killHard(before.agentA)
    killHard(before.agentB)
    await eventually(`linked again in round ${round}`, 60_000, async () => {
      const after = await demo.pids()
      expect(after.agentA).not.toBe(before.agentA)
      expect(after.agentB).not.toBe(before.agentB)
      for (const context of ['a', 'b']) {
        const peers = await demo.json('--context', context, 'peer', 'list')
        expect(peers).toMatchObject({ items: [{ status: { link: 'Connected' } }] })
      }
    })
  }
}, 1_200_000)
