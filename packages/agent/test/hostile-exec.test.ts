/** A peer that wants to run commands where it may not, against a whole agent with a cluster of its own. */
import { randomUUID } from 'node:crypto'
import { Pod } from '@porpulsion/kube'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { aPlayedPeer, aVictim, type PlayedPeer, type Victim } from './support/hostile-peer.ts'

const waiting = { timeout: 15_000, interval: 20 }
const web = { image: 'porpulsion/hello', ports: [{ port: 8080 }] }

let victim: Victim
let honest: PlayedPeer
let mallory: PlayedPeer
const [honestApp, ownApp] = [randomUUID(), randomUUID()]

beforeAll(async () => {
  victim = await aVictim()
  honest = await aPlayedPeer(victim, 'honest')
  mallory = await aPlayedPeer(victim, 'mallory')
  await honest.submit(web, { uid: honestApp })
  await mallory.submit(web, { uid: ownApp })
  await vi.waitFor(async () => {
    ;(await honest.tunnel(honestApp, 8080)).destroy()
    ;(await mallory.tunnel(ownApp, 8080)).destroy()
  }, waiting)
})

afterAll(async () => {
  await mallory.stop()
  await honest.stop()
  await victim.stop()
})

const sh = { command: ['sh', '-c', 'secret-argument'], tty: false, stdin: false }

async function podOf({ namespace }: PlayedPeer): Promise<string> {
  const { items } = await victim.client.list(Pod, { namespace })
  return items[0]?.metadata.name ?? ''
}

const lastAudited = async (): Promise<unknown> =>
  (await victim.audit(mallory)).find(({ action }) => action === 'exec')

test('the app of another peer is answered as if there were none', async () => {
  await expect(mallory.exec({ ...sh, app: honestApp })).rejects.toMatchObject({
    code: 'AppNotFound',
  })
  await expect(mallory.exec({ ...sh, app: randomUUID() })).rejects.toMatchObject({
    code: 'AppNotFound',
  })
})

test('a pod is looked for among those of the app, wherever else there is one of that name', async () => {
  const foreign = await podOf(honest)
  for (const pod of [foreign, 'nowhere', `${foreign}.${honest.namespace}`])
    await expect(mallory.exec({ ...sh, app: ownApp, pod })).rejects.toMatchObject({
      code: 'PodNotFound',
    })
  expect(await lastAudited()).toMatchObject({
    actor: 'peer/mallory',
    about: `app/web,${ownApp} sh`,
    outcome: 'refused',
    reason: 'PodNotFound',
  })
})

test('a container is one of the pod', async () => {
  const asked = mallory.exec({ ...sh, app: ownApp, container: 'sidecar' })
  await expect(asked).rejects.toMatchObject({ code: 'ContainerNotFound' })
})

test.each([
  { pod: '../honest/web' },
  { pod: 'web/exec?command=sh' },
  { container: 'a&command=sh' },
  { command: [] },
])('what is no name is no stream: %s', async (field) => {
  await expect(mallory.exec({ ...sh, app: ownApp, ...field })).rejects.toThrow(
    'no stream of this kind',
  )
})

test('a host that runs no commands of others says so in its own words', async () => {
  // Commands of the machine are not for peers, without --allow-host-processes.
  await expect(mallory.exec({ ...sh, app: ownApp })).rejects.toMatchObject({
    code: 'ClusterRefused',
  })
})

test('where commands are off there are none, and the trail says who tried', async () => {
  await victim.rules(mallory, { exec: { enabled: false } })
  await expect(mallory.exec({ ...sh, app: ownApp })).rejects.toMatchObject({
    kind: 'Forbidden',
    code: 'ExecOff',
  })
  const trail = JSON.stringify(await victim.audit(mallory))
  expect(trail).toContain('ExecOff')
  expect(trail).not.toContain('secret-argument')
})
