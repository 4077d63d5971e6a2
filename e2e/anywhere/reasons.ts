import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RemoteAppSpec } from '@porpulsion/contract'
import {
  apply,
  conditionOf,
  deploy,
  namespaceOfA,
  podsOf,
  uidsOf,
  untilGone,
  untilReady,
  type TheWorld,
} from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { images, worldKind } from '../support/world.ts'

interface Trouble {
  readonly name: string
  readonly spec: Partial<RemoteAppSpec>
  readonly reason: RegExp
  readonly message: RegExp
}

const troubles: readonly Trouble[] = [
  {
    name: 'no-such-image',
    spec: { image: 'porpulsion/no-such-image' },
    reason: /^(ErrImagePull|ImagePullBackOff)$/,
    message: /no-such-image/,
  },
  {
    name: 'crashing',
    spec: { image: images.ticker, args: ['--nope'] },
    reason: /^CrashLoopBackOff$/,
    message: /exit 1: ticker: Unknown option '--nope'/,
  },
  {
    name: 'unhealthy',
    spec: {
      readinessProbe: { httpGet: { path: '/status/503', port: 8080 }, periodSeconds: 1 },
    },
    reason: /^Unhealthy$/,
    message: /503/,
  },
  {
    name: 'too-large',
    spec: { resources: { requests: { cpu: '1000' } } },
    reason: /^Unschedulable$/,
    message: /Insufficient cpu/,
  },
]

const memoryEater: Partial<RemoteAppSpec> = {
  command: ['node', '-e', 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))'],
  resources: { limits: { memory: '64Mi' } },
}

export function tellOfReasons(world: TheWorld): void {
  describe('each of several troubles is told in words', () => {
    beforeAll(async () => {
      for (const { name, spec } of troubles) await apply(world(), name, spec)
    })

    test.each(troubles)('$name: $reason', async ({ name, reason, message }) => {
      // Kubelets take their time before they call it CrashLoopBackOff.
      await eventually(`${name} says why`, 150_000, async () => {
        const ready = conditionOf(await world().a.stored(name), 'Ready')
        expect(ready?.message).toMatch(message)
        expect(ready?.reason).toMatch(reason)
      })
    })

    test('an app in trouble can be deleted like any other', async () => {
      const { a } = world()
      const apps = await Promise.all(troubles.map(({ name }) => a.stored(name)))
      await a.kube(`delete remoteapp ${troubles.map(({ name }) => name).join(' ')} --timeout=60s`)
      for (const app of apps) await untilGone(world(), app)
    })
  })

  const unenforced = worldKind === 'embedded' ? ' (skipped: embedded clusters enforce none)' : ''
  test.skipIf(unenforced !== '')(`a pod beyond its memory: OOMKilled${unenforced}`, async () => {
    const { a } = world()
    await apply(world(), 'hungry', memoryEater)
    await eventually('it says so', 90_000, async () => {
      const ready = conditionOf(await a.stored('hungry'), 'Ready')
      expect(`${ready?.reason ?? ''} ${ready?.message ?? ''}`).toContain('OOMKilled')
    })
    await a.kube('delete remoteapp hungry --timeout=60s')
  })

  /** No pod more than there are now, until the test ends. */
  const noRoom = async (): Promise<() => Promise<unknown>> => {
    const { b } = world()
    const namespace = await namespaceOfA(world())
    const pods = (await b.kubeIn(namespace, 'get pods -o name')).trim().split('\n').length
    await b.kubeIn(namespace, `create quota tight --hard=pods=${pods}`)
    const lift = (): Promise<string> => b.kubeIn(namespace, 'delete quota tight --ignore-not-found')
    onTestFinished(async () => {
      await lift()
    })
    return lift
  }

  test('a quota of the owner is named, and what it held back comes up when it is gone', async () => {
    const { a } = world()
    await deploy(world(), 'steady')
    const lift = await noRoom()
    await apply(world(), 'crowded')
    await eventually('the quota is named', 60_000, async () => {
      const ready = conditionOf(await a.stored('crowded'), 'Ready')
      expect(ready).toMatchObject({ reason: 'FailedCreate' })
      expect(ready?.message).toContain('exceeded quota: tight')
    })
    await lift()
    const crowded = await untilReady(world(), 'crowded')
    await a.kube('delete remoteapp crowded --timeout=60s')
    await untilGone(world(), crowded)
  })

  test('an update goes through a quota that has room for no further pod', async () => {
    const before = await podsOf(world(), await world().a.stored('steady'))
    await noRoom()
    const updated = await deploy(world(), 'steady', { env: [{ name: 'MESSAGE', value: 'New' }] })
    expect(uidsOf(await podsOf(world(), updated))).not.toEqual(uidsOf(before))
  })
}
