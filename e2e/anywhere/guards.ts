import { expect, test } from 'vitest'
import {
  apply,
  conditionOf,
  deploy,
  namespaceOfA,
  podsOf,
  untilGone,
  untilReady,
  type TheWorld,
} from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { images, worldKind } from '../support/world.ts'

/** What Kubernetes itself says to a pod of somebody who goes around the agent. Only tried, so that none is made. */
async function saidToPodByHand(world: TheWorld, container: object = {}): Promise<string> {
  const namespace = await namespaceOfA(world())
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'by-hand', namespace },
    spec: { containers: [{ name: 'app', image: images.hello, ...container }] },
  }
  const args = ['create', '-f', '-', '--dry-run=server']
  const { stdout, stderr } = await world().b.kubectl.run(args, { stdin: JSON.stringify(pod) })
  return stdout + stderr
}

const root = { securityContext: { runAsUser: 0 } }

export function tellOfGuards(world: TheWorld): void {
  const unenforced = worldKind === 'embedded' ? ' (skipped: embedded clusters enforce none)' : ''

  test('a total of a peer refuses an app with its reason, and Kubernetes a pod made by hand', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'totals.pods=1', '--peer', 'a')
    await apply(world(), 'one-more')
    await a.kube('wait --for=jsonpath={.status.phase}=Rejected remoteapp/one-more --timeout=30s')
    expect(conditionOf(await a.stored('one-more'), 'Accepted')).toMatchObject({
      reason: 'TotalExceeded',
      message: expect.stringContaining('peers.a.totals.pods') as string,
    })
    await eventually('Kubernetes counts as well', 20_000, async () => {
      expect(await saidToPodByHand(world)).toContain('exceeded quota: porpulsion')
    })
  })

  test('with the total lifted both let it pass', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'totals.pods=null', '--peer', 'a')
    const app = await untilReady(world(), 'one-more')
    await eventually('Kubernetes counts no more', 20_000, async () => {
      expect(await saidToPodByHand(world)).toContain('created')
    })
    await a.kube('delete remoteapp one-more --timeout=60s')
    await untilGone(world(), app)
  })

  test('a dry run says what the owner fills in, and Kubernetes fills it in', async () => {
    const { a, b } = world()
    const [limit, request] = [
      'resources.defaults.limits.memory',
      'resources.defaults.requests.memory',
    ]
    await b.cli('settings', 'set', `${limit}=128Mi`, `${request}=32Mi`)
    const app = ['thrifty', '--peer', 'b', '--image', images.hello]
    const told = await a.cli('app', 'deploy', ...app, '--dry-run=peer')
    expect(told).toContain(`resources.limits.memory: 128Mi  (${limit})`)
    expect(told).toContain(`resources.requests.memory: 32Mi  (${request})`)
    const namespace = await namespaceOfA(world())
    await eventually('the LimitRange is there', 20_000, async () => {
      expect(await b.kubeIn(namespace, 'get limitrange -o name')).toContain('/porpulsion')
    })
    const [pod] = await podsOf(world(), await deploy(world(), 'thrifty'))
    expect(pod?.spec?.containers[0]?.resources).toMatchObject({
      limits: { memory: '128Mi' },
      requests: { memory: '32Mi' },
    })
    await b.cli('settings', 'set', 'resources.defaults=null')
    await a.kube('delete remoteapp thrifty --timeout=60s')
  })

  test('at level restricted an app gets what it does not say, and root is refused', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'pods.securityLevel=restricted')
    const careful = await deploy(world(), 'careful')
    const [pod] = await podsOf(world(), careful)
    expect(pod?.spec?.securityContext).toMatchObject({ runAsNonRoot: true })
    expect(pod?.spec?.serviceAccountName).toBe('porpulsion-app')

    await apply(world(), 'careful', { securityContext: { runAsUser: 0 } })
    await eventually('root is refused', 20_000, async () => {
      expect(conditionOf(await a.stored('careful'), 'Accepted')).toMatchObject({
        reason: 'SecurityLevel',
        message: expect.stringContaining('runAsUser 0') as string,
      })
    })
    expect((await a.stored('careful')).status).toMatchObject({ phase: 'Ready' })
    await a.kube('delete remoteapp careful --timeout=60s')
  })

  test.skipIf(unenforced !== '')(
    `and so is a pod that somebody makes by hand as root${unenforced}`,
    async () => {
      expect(await saidToPodByHand(world, root)).toContain('violates PodSecurity "restricted')
    },
  )

  test('back at level baseline everything runs as before', async () => {
    const { b } = world()
    await b.cli('settings', 'set', 'pods.securityLevel=null')
    for (const name of ['web', 'everything']) await untilReady(world(), name)
  })
}
