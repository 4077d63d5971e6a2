import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RemoteApp } from '@porpulsion/contract'
import { deploy, conditionOf, podsOf, uidsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { images, worldKind, type World } from '../support/world.ts'

const exposed = { ports: [{ port: 8080, expose: true }] }
const hidden = { ports: [{ port: 8080 }] }

export function tellOfExposures(world: TheWorld): void {
  describe.runIf(worldKind === 'releases')('to pods', () => {
    beforeAll(() => startVisitor(world()), 120_000)
    afterAll(() => endVisitor(world()), 60_000)
    tell(world)
  })
  describe.skipIf(worldKind === 'releases')('to programs on the machine of the agent', () =>
    tell(world),
  )
}

function tell(world: TheWorld): void {
  test('a port is exposed, and answers where the app says', async () => {
    await deploy(world(), 'shown', exposed)
    const address = await untilExposed(world(), 'shown')
    expect(address).toMatch(worldKind === 'releases' ? /^shown\.porpulsion\.svc:8080$/ : /^127\.0/)
    // Where it is a Service, the nodes hear of it a moment after the API server did.
    await eventually('the address leads there', 10_000, async () => {
      expect(await visit(world(), address)).toContain('Hello')
    })
    const described = await world().a.cli('app', 'get', 'shown')
    expect(described).toContain(address)
  })

  test('connections end with the link, and work again when it is back', async () => {
    const { a, link } = world()
    const address = await untilExposed(world(), 'shown')
    link.cut()
    onTestFinished(() => {
      link.mend()
    })
    await eventually('a knows that the link is down', 60_000, async () => {
      expect((await a.peer('b')).status?.link).not.toBe('Connected')
    })
    await expect(visit(world(), address)).rejects.toThrow()
    link.mend()
    await eventually('the port answers again', 60_000, async () => {
      expect(await visit(world(), address)).toContain('Hello')
    })
  })

  test('an agent that comes back serves the same address', async () => {
    const address = await untilExposed(world(), 'shown')
    await world().a.agent.kill()
    await eventually('the port answers again', 60_000, async () => {
      expect(await visit(world(), address)).toContain('Hello')
    })
    expect(await untilExposed(world(), 'shown')).toBe(address)
  })

  test('a host that allows no tunnels is named as the reason', async () => {
    const { a, b } = world()
    const address = await untilExposed(world(), 'shown')
    await b.cli('settings', 'set', 'tunnels.mode=off')
    await expect(visit(world(), address)).rejects.toThrow()
    await eventually('the app says why', 30_000, async () => {
      expect(conditionOf(await a.stored('shown'), 'Exposed')).toMatchObject({
        status: 'False',
        reason: 'TunnelsOff',
      })
    })
    await b.cli('settings', 'set', 'tunnels.mode=allow')
    expect(await visit(world(), address)).toContain('Hello')
  })

  test('switched off and on nothing at the host changes, and deleted with its app', async () => {
    const { a } = world()
    const before = uidsOf(await podsOf(world(), await a.stored('shown')))
    const off = await deploy(world(), 'shown', hidden)
    await eventually('nothing is exposed', 30_000, async () => {
      expect((await a.stored('shown')).status).not.toHaveProperty('localService')
      expect(await services(world())).toBe('')
    })
    await deploy(world(), 'shown', exposed)
    await untilExposed(world(), 'shown')
    await untilReady(world(), 'shown')
    expect(uidsOf(await podsOf(world(), off))).toEqual(before)
    await a.cli('app', 'delete', 'shown', '--wait')
    await eventually('no Service is left', 30_000, async () => {
      expect(await services(world())).toBe('')
    })
  })
}

const services = ({ a }: World): Promise<string> =>
  a.kube('get services -l porpulsion.io/exposes=shown -o name')

async function untilExposed({ a }: World, name: string): Promise<string> {
  return await eventually(`${name} is exposed`, 30_000, async () => {
    const app = await a.stored(name)
    expect(conditionOf(app, 'Exposed')).toMatchObject({ status: 'True' })
    return addressOf(app)
  })
}

function addressOf({ status }: RemoteApp): string {
  const [port] = status?.localService?.ports ?? []
  if (port?.address === undefined) throw new Error('The port has no address')
  return port.address
}

/** What a client says that goes there; in a cluster that is a pod. */
async function visit({ a }: World, address: string): Promise<string> {
  const url = `http://${address}/`
  if (worldKind !== 'releases') return await (await fetch(url)).text()
  const script = `fetch('${url}').then((answer)=>answer.text()).then(console.log)`
  const args = ['--namespace', visitorNamespace, 'exec', 'visitor', '--', 'node', '-e', script]
  return await a.kubectl.out(args)
}

/** Not the agent's own: whoever is in the cluster may connect. */
const visitorNamespace = 'default'

async function startVisitor({ a }: World): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'visitor' },
    spec: { containers: [{ name: 'app', image: images.hello }], terminationGracePeriodSeconds: 0 },
  }
  await a.kubeIn(visitorNamespace, 'apply -f -', JSON.stringify(pod))
  await a.kubeIn(visitorNamespace, 'wait --for=condition=Ready pod/visitor --timeout=60s')
}

async function endVisitor({ a }: World): Promise<void> {
  await a.kubeIn(visitorNamespace, 'delete pod visitor --ignore-not-found')
}
