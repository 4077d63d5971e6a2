import { expect, test } from 'vitest'
import { apply, conditionOf, deploy, podsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'

export function tellOfRules(world: TheWorld): void {
  test('an image the owner blocks is rejected, and what blocks it is named', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'images.block=["docker.io/evil/**"]')
    await apply(world(), 'blocked', { image: 'evil/miner' })
    await a.kube('wait --for=jsonpath={.status.phase}=Rejected remoteapp/blocked --timeout=30s')
    expect(conditionOf(await a.stored('blocked'), 'Accepted')).toMatchObject({
      reason: 'ImageBlocked',
      message: expect.stringContaining('docker.io/evil/**') as string,
    })
    await a.kube('delete remoteapp blocked --timeout=30s')
  })

  test('an update beyond a limit is refused, and what runs goes on', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'resources.maxReplicasPerApp=2')
    await a.kube('scale remoteapp/web --replicas=3')
    await eventually('the update is refused', 20_000, async () => {
      expect(conditionOf(await a.stored('web'), 'Accepted')).toMatchObject({
        status: 'False',
        reason: 'TooManyReplicas',
        message: expect.stringContaining('2') as string,
      })
    })
    const web = await a.stored('web')
    expect(web.status).toMatchObject({ phase: 'Ready', readyReplicas: 1 })
    expect(await podsOf(world(), web)).toHaveLength(1)
  })

  test('once the owner lifts the limit the update goes through by itself', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'resources.maxReplicasPerApp=null', 'images.block=null')
    expect((await untilReady(world(), 'web')).status?.readyReplicas).toBe(3)
    await a.kube('scale remoteapp/web --replicas=1')
    await untilReady(world(), 'web')
  })

  test('what breaks a newer rule is listed and runs on, until the owner stops it', async () => {
    const { a, b } = world()
    // Ready before it can be told to end, a program is only killed, after half a minute.
    const readinessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 }
    const pair = await deploy(world(), 'pair', { replicas: 2, readinessProbe })
    const said = await b.tryCli('settings', 'set', 'resources.maxReplicasPerApp=1')
    expect(said.stderr).toContain('1 app that runs here breaks them')
    const listed = await b.cli('settings', 'violations')
    expect(listed).toMatch(/^pair +a +TooManyReplicas/m)
    expect((await a.stored('pair')).status).toMatchObject({ phase: 'Ready', readyReplicas: 2 })

    await b.cli('settings', 'violations', '--stop')
    await a.kube('wait --for=jsonpath={.status.phase}=Rejected remoteapp/pair --timeout=30s')
    await eventually('its pods are gone', 60_000, async () => {
      expect(await podsOf(world(), pair)).toEqual([])
    })
    await b.cli('settings', 'set', 'resources.maxReplicasPerApp=null')
    await untilReady(world(), 'pair')
    await a.kube('delete remoteapp pair --timeout=60s')
  })
}
