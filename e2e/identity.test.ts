/** An agent renews its CA while an app of it runs at the other side and answers. */
import { kill } from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { OwnIdentity, PeerList } from '@porpulsion/contract'
import { Pod } from '@porpulsion/kube'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterOf } from './support/cluster.ts'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { fetchFrom } from './support/fetch-app.ts'

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.remove())

const side = {
  cli: async (...args: string[]): Promise<string> => (await demo.cli(...args)).stdout,
}

const identityOf = async (context: string): Promise<OwnIdentity> =>
  (await demo.json('--context', context, 'identity', 'show')) as OwnIdentity

/** The app's own, by what a pod that was made anew would not share. */
async function podsAtB(): Promise<string[]> {
  const client = await clusterOf(demo.kubeconfig('b'))
  const { items } = await client.list(Pod)
  return items.map(({ metadata }) => metadata.uid).sort()
}

async function linked(context: string, caFingerprint: string): Promise<void> {
  await eventually(`${context} knows the other by its new CA`, 60_000, async () => {
    const { items } = (await demo.json('--context', context, 'peer', 'list')) as PeerList
    expect(items).toMatchObject([{ status: { link: 'Connected', caFingerprint } }])
  })
}

test('both sides renew their CA: the app stays, every request is answered, and restarts change nothing', async () => {
  await eventually('the app answers', 60_000, async () => {
    expect(await fetchFrom(side, 'hello', '/')).toMatchObject({ status: 200 })
  })
  const pods = await podsAtB()
  expect(pods).not.toEqual([])
  const statuses: number[] = []
  const over = new AbortController()
  const requests = (async () => {
    while (!over.signal.aborted) statuses.push((await fetchFrom(side, 'hello', '/')).status)
  })()

  for (const [context, other] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const before = await identityOf(context)
    const rotated = await demo.cli('--context', context, 'identity', 'rotate', '--wait', '--yes')
    expect(rotated).toMatchObject({ code: 0 })
    const { fingerprint, stage } = await identityOf(context)
    expect(stage).toBe('Settled')
    expect(fingerprint).not.toBe(before.fingerprint)
    await linked(other, fingerprint)
  }
  await wait(1_000)
  over.abort()
  await requests
  expect(statuses.length).toBeGreaterThan(1)
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  expect(await podsAtB()).toEqual(pods)

  const { agentA, agentB } = await demo.pids()
  for (const pid of [agentA, agentB]) kill(pid, 'SIGKILL')
  await linked(
    'a',
    await eventually('b answers', 60_000, async () => (await identityOf('b')).fingerprint),
  )
  await eventually('the app answers again', 60_000, async () => {
    expect(await fetchFrom(side, 'hello', '/')).toMatchObject({ status: 200 })
  })
  expect(await podsAtB()).toEqual(pods)
}, 240_000)
