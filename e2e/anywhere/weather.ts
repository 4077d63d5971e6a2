import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { deploy, namespaceOfA, podsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { images } from '../support/world.ts'

export function tellOfWeather(world: TheWorld): void {
  test('logs go on from pod to pod, and a pod that is killed comes back', async () => {
    const { a, b } = world()
    const app = await deploy(world(), 'ticking', { image: images.ticker, ports: [] })
    const logs = a.startCli('app', 'logs', 'ticking', '--follow')
    onTestFinished(() => {
      logs.kill('SIGKILL')
    })
    let text = ''
    logs.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const speakers = (): Set<string> =>
      new Set([...text.matchAll(/tick from (\S+)/g)].map(([, name = '']) => name))
    const said = (count: number): Promise<void> =>
      eventually(`${count} pods said something`, 60_000, () => {
        expect(speakers().size).toBe(count)
        return Promise.resolve()
      })
    await said(1)
    const [pod] = await podsOf(world(), app)
    const namespace = await namespaceOfA(world())
    await b.kubeIn(namespace, `delete pod ${pod?.metadata?.name ?? ''} --grace-period=0 --force`)
    await said(2)
    logs.kill('SIGINT')
    await once(logs, 'exit')
    await untilReady(world(), 'ticking')
    await a.kube('delete remoteapp ticking --timeout=60s')
  })

  test.each(['a', 'b'] as const)(
    'agent %s is killed: what changes is there all the same',
    async (name) => {
      const { a, [name]: side } = world()
      const uids = (await podsOf(world(), await a.stored('web'))).map(
        ({ metadata }) => metadata?.uid,
      )
      const back = side.agent.kill()
      await a.kube('scale remoteapp/web --replicas=2')
      await back
      await untilReady(world(), 'web')
      const after = await podsOf(world(), await a.stored('web'))
      expect(after).toHaveLength(2)
      expect(after.map(({ metadata }) => metadata?.uid)).toEqual(expect.arrayContaining(uids))
      await a.kube('scale remoteapp/web --replicas=1')
      await untilReady(world(), 'web')
    },
  )

  test('with the link cut nothing is called ready, and what was known has its date', async () => {
    const { a, link } = world()
    link.cut()
    onTestFinished(() => {
      link.mend()
    })
    await a.kube('wait --for=jsonpath={.status.phase}=Unknown remoteapp/web --timeout=60s')
    const { status } = await a.stored('web')
    expect(status?.message).toMatch(/^Was Ready as of \d{4}-\d\d-\d\dT/)
    const ready = status?.conditions.find(({ type }) => type === 'Ready')
    expect(ready?.status).toBe('Unknown')
    // b knows nothing of this before the link is back.
    await a.kube('scale remoteapp/web --replicas=2')
    link.mend()
    const { status: now } = await untilReady(world(), 'web')
    expect(now).toMatchObject({ phase: 'Ready', readyReplicas: 2 })
  })
}
