import { expect, test } from 'vitest'
import { deploy, manifest, untilReady, type TheWorld } from './chapter.ts'

export function tellOfKubectl(world: TheWorld): void {
  test('kubectl scales an app, and waits for it', async () => {
    const { a } = world()
    await deploy(world(), 'web')
    await a.kube('scale remoteapp/web --replicas=2')
    await a.kube('wait --for=jsonpath={.status.readyReplicas}=2 remoteapp/web --timeout=60s')
    await a.kube('wait --for=condition=Ready remoteapp/web --timeout=60s')
    expect(await a.kube('get remoteapp web --no-headers')).toMatch(/^web +Ready +b +2 /)
  })

  test('what a GitOps tool applies stays its own, and the agent writes nothing into it', async () => {
    const { a } = world()
    const applied = manifest('declared', { env: [{ name: 'MESSAGE', value: 'from git' }] })
    const applies = (): Promise<string> =>
      a.kube('apply --server-side --field-manager=gitops -f -', applied)
    await applies()
    const ready = await untilReady(world(), 'declared')
    await applies()
    // What changes somewhere else takes its time to come and go: enough for a fight to show.
    await a.kube('scale remoteapp/web --replicas=1')
    await untilReady(world(), 'web')
    const idle = await a.stored('declared')
    expect(idle.metadata).toMatchObject({
      generation: ready.metadata.generation,
      resourceVersion: ready.metadata.resourceVersion,
    })
    const text = await a.kube('get remoteapp declared --show-managed-fields -o json')
    const { metadata } = JSON.parse(text) as ManagedObject
    const ownersOfSpec = metadata.managedFields.filter(({ fieldsV1 }) => 'f:spec' in fieldsV1)
    expect(ownersOfSpec.map(({ manager }) => manager)).toEqual(['gitops'])
  })

  test('what two write is a conflict that names the other one', async () => {
    const { a } = world()
    const stdin = manifest('declared', { env: [{ name: 'MESSAGE', value: 'by hand' }] })
    const { code, stderr } = await a.tryKube('apply --server-side -f -', stdin)
    expect(code).toBe(1)
    expect(stderr).toContain('conflict with "gitops"')
    await a.kube('delete remoteapp declared --timeout=60s')
  })

  test('a spec that cannot be is refused in words', async () => {
    const { a } = world()
    const { stderr } = await a.tryKube('apply -f -', manifest('odd', { replicas: -1 }))
    expect(stderr).toContain('spec.replicas')
    const moved = await a.tryKube('apply -f -', manifest('web', { targetPeer: 'elsewhere' }))
    expect(moved.stderr).toMatch(/targetPeer/)
  })
}

/** As the API server answers with --show-managed-fields. */
interface ManagedObject {
  readonly metadata: {
    readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: object }[]
  }
}
