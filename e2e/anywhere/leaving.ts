import { expect, test } from 'vitest'
import {
  deploy,
  namespaceOfA,
  podsOf,
  uidsOf,
  untilGone,
  untilReady,
  type TheWorld,
} from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { remains, removeRemains } from '../support/remains.ts'

export function tellOfLeaving(world: TheWorld): void {
  const bothConnected = async (): Promise<void> => {
    const { a, b } = world()
    for (const [side, other] of [[a, 'b'] as const, [b, 'a'] as const])
      await eventually(`${side.name} is connected again`, 60_000, async () => {
        expect((await side.peer(other)).status).toMatchObject({ link: 'Connected' })
      })
  }
  const fingerprints = async (): Promise<unknown[]> => {
    const { a, b } = world()
    return [(await a.peer('b')).status?.fingerprint, (await b.peer('a')).status?.fingerprint]
  }

  test('an upgrade of both agents touches no pod', async () => {
    const { a, b } = world()
    const before = uidsOf(await podsOf(world(), await a.stored('web')))
    await Promise.all([a.agent.upgrade(), b.agent.upgrade()])
    await bothConnected()
    expect(uidsOf(await podsOf(world(), await untilReady(world(), 'web')))).toEqual(before)
  })

  test('with both agents uninstalled nothing hangs, and apps go on running', async () => {
    const { a, b } = world()
    const before = await fingerprints()
    const web = await a.stored('web')
    const steady = await a.stored('steady')
    const pods = uidsOf(await podsOf(world(), web))
    const namespace = await namespaceOfA(world())

    await Promise.all([a.agent.uninstall(), b.agent.uninstall()])
    expect(await a.kube('delete remoteapp steady --timeout=10s')).toContain('deleted')
    const held = await b.kubeIn(namespace, 'get executingapps -o jsonpath={..finalizers}')
    expect(held).toBe('')
    expect(await a.kube('get peer b -o jsonpath={.metadata.finalizers}')).toBe('')

    await Promise.all([a.agent.install(), b.agent.install()])
    await bothConnected()
    expect(await fingerprints()).toEqual(before)
    expect(uidsOf(await podsOf(world(), await untilReady(world(), 'web')))).toEqual(pods)
    // Nobody told b; it asked.
    await untilGone(world(), steady)
  })

  test('a peer that is removed takes along what ran for it', async () => {
    const { a, b } = world()
    const web = await deploy(world(), 'web')
    const namespace = await namespaceOfA(world())
    await b.cli('peer', 'remove', 'a', '--executing-apps', 'delete', '--yes')
    await eventually('its namespace has no app any more', 60_000, async () => {
      const pods = await b.kubectl.run(`-n ${namespace} get pods,deployments -o name`)
      expect(pods.stdout).toBe('')
    })
    await a.cli('peer', 'remove', 'b', '--remote-apps', 'forget', '--yes')
    await eventually('a forgot its apps', 30_000, async () => {
      expect(await a.kube('get remoteapps,peers -o name')).toBe('')
    })
    expect(web.metadata.name).toBe('web')
  })

  test('and at the end everything goes', async () => {
    const { a, b } = world()
    await Promise.all(
      [a, b].map(async (side) => {
        await side.agent.uninstall()
        await removeRemains(side)
        expect(await remains(side)).toEqual([])
      }),
    )
  })
}
