import { describe, expect, onTestFinished, test } from 'vitest'
import {
  changesMapped,
  changesOf,
  changesOfOwned,
  Controller,
  KubeError,
  objectKey,
  type ControllerOptions,
  type ObjectRef,
} from '../src/index.ts'
import { evenRandom, settled } from '../src/testing.ts'
import { list, scriptedServer, watch, type WatchScript } from './scripted-server.ts'
import { aPod, aPodInformer, type InformerUnderTest } from './support.ts'

interface ControllerUnderTest extends InformerUnderTest {
  readonly controller: Controller
  readonly stream: () => WatchScript
  /** Keys in the order they were reconciled. */
  readonly reconciled: string[]
}

const deployment = { kind: 'Deployment', namespaced: true }

/** A controller over pods `a` and `b`; all is in place but nothing is started. */
async function aController(
  options: Partial<ControllerOptions> = {},
  sources: (pods: InformerUnderTest['informer']) => ControllerOptions['sources'] = (pods) => [
    changesOf(pods),
  ],
): Promise<ControllerUnderTest> {
  const server = await scriptedServer()
  let stream: WatchScript | undefined
  server.script(
    list([aPod('a', '3'), aPod('b', '4')], '7'),
    watch((opened) => {
      stream = opened
    }),
  )
  const pods = aPodInformer(server.connection)
  const reconciled: string[] = []
  const { reconcile = () => Promise.resolve(), ...others } = options
  const controller = new Controller(
    { clock: pods.clock, random: evenRandom, report: pods.reports.sink },
    {
      name: 'pods',
      sources: sources(pods.informer),
      reconcile: async (ref: ObjectRef, signal: AbortSignal) => {
        reconciled.push(objectKey(ref))
        await reconcile(ref, signal)
      },
      ...others,
    },
  )
  onTestFinished(() => controller.stop())
  return {
    ...pods,
    controller,
    reconciled,
    stream: () => {
      if (stream === undefined) throw new Error('There is no watch yet')
      return stream
    },
  }
}

const never = new AbortController().signal

describe('what is reconciled', () => {
  test('nothing before the caches are complete, then everything there is', async () => {
    const { controller, start, reconciled, informer } = await aController()
    const started = controller.start(never)
    controller.enqueue({ namespace: 'default', name: 'early' })
    await settled()
    expect(reconciled).toEqual([])

    await start()
    await started
    await controller.whenIdle()
    expect(informer.hasSynced).toBe(true)
    expect(reconciled).toEqual(['default/early', 'default/a', 'default/b'])
  })

  test('what changed, also what was deleted', async () => {
    const { controller, start, reconciled, stream, changed, clock } = await aController()
    await Promise.all([controller.start(never), start()])
    await controller.whenIdle()
    reconciled.length = 0
    await clock.whenWaiting(150_000)

    stream().event('MODIFIED', aPod('a', '8')).event('DELETED', aPod('b', '9'))
    await changed('deleted b@9')
    await controller.whenIdle()

    expect(reconciled).toEqual(['default/a', 'default/b'])
  })

  test('the controlling owner of what changed, if it is of the kind', async () => {
    const owner = { apiVersion: 'apps/v1', name: 'web', uid: 'u', controller: true }
    const { controller, start, reconciled, stream, changed, clock } = await aController(
      {},
      (pods) => [changesOfOwned(pods, deployment)],
    )
    await Promise.all([controller.start(never), start()])
    await clock.whenWaiting(150_000)

    const owned = (name: string, reference: object): object =>
      aPod(name, '8', {
        ownerReferences: [{ ...owner, ...reference } as typeof owner & { kind: string }],
      })
    stream()
      .event('ADDED', owned('c', { kind: 'Deployment' }))
      .event('ADDED', owned('d', { kind: 'Deployment', name: 'other', controller: false }))
      .event('ADDED', owned('e', { kind: 'Job', name: 'job' }))
    await changed('added e@8')
    await controller.whenIdle()

    expect(reconciled).toEqual(['default/web'])
  })

  test('what an object concerned before its change, and what it concerns now', async () => {
    const { controller, start, reconciled, stream, changed, clock } = await aController(
      {},
      (pods) => [
        changesMapped(pods, ({ metadata }) =>
          metadata.labels?.['for'] === undefined ? [] : [{ name: metadata.labels['for'] }],
        ),
      ],
    )
    await Promise.all([controller.start(never), start()])
    await clock.whenWaiting(150_000)
    stream().event('ADDED', aPod('c', '8', { labels: { for: 'x' } }))
    await changed('added c@8')
    await controller.whenIdle()
    reconciled.length = 0

    stream().event('MODIFIED', aPod('c', '9', { labels: { for: 'y' } }))
    await changed('updated c@9')
    await controller.whenIdle()

    expect(reconciled).toEqual(['x', 'y'])
  })
})

describe('what goes wrong', () => {
  test('a conflict is tried again without a word', async () => {
    let conflicts = 2
    const { controller, start, reconciled, reports, clock } = await aController({
      reconcile: ({ name }) => {
        if (name === 'a' && conflicts-- > 0)
          throw new KubeError({ status: 409, reason: 'Conflict', message: 'changed' })
        return Promise.resolve()
      },
    })
    await Promise.all([controller.start(never), start()])
    for (const delayMs of [200, 400]) {
      await clock.whenWaiting(delayMs)
      await clock.advance(delayMs)
    }
    await controller.whenIdle()

    expect(reconciled.filter((key) => key === 'default/a')).toHaveLength(3)
    expect(reports.of('reconcile-failed')).toEqual([])
  })

  test('a failure is reported with its object, and tried again', async () => {
    const { controller, start, reports } = await aController({
      reconcile: ({ name }) => {
        if (name === 'b') throw new Error('no')
        return Promise.resolve()
      },
    })
    await Promise.all([controller.start(never), start()])
    await controller.whenIdle()

    expect(reports.of('reconcile-failed')).toMatchObject([
      { queue: 'pods', key: 'default/b', attempt: 1, delayMs: 200 },
    ])
    expect(controller.stats).toEqual({ queued: 0, waiting: 1, active: 0 })
  })

  test('a start that is given up leaves nothing behind', async () => {
    const { controller, reconciled, start } = await aController()
    const ending = new AbortController()
    const started = controller.start(ending.signal)
    ending.abort(new Error('enough'))
    await expect(started).rejects.toThrow('enough')

    await start()
    await settled()
    expect(reconciled).toEqual([])
  })
})

test('stopping hears no more changes and waits for the reconcile in hand', async () => {
  let finish = (): void => undefined
  const { controller, start, reconciled, stream, changed, clock } = await aController({
    concurrency: 1,
    reconcile: () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  })
  await Promise.all([controller.start(never), start()])
  await clock.whenWaiting(150_000)
  expect(reconciled).toEqual(['default/a'])

  let isStopped = false
  const stopped = controller.stop().then(() => {
    isStopped = true
  })
  stream().event('ADDED', aPod('c', '8'))
  await changed('added c@8')
  expect(isStopped).toBe(false)
  finish()
  await stopped
  expect(reconciled).toEqual(['default/a'])
})

test('its signal stops it', async () => {
  const { controller, start, reconciled } = await aController()
  const ending = new AbortController()
  await Promise.all([controller.start(ending.signal), start()])
  await controller.whenIdle()
  reconciled.length = 0
  ending.abort()
  controller.enqueue({ namespace: 'default', name: 'a' })
  await settled()

  expect(reconciled).toEqual([])
})
