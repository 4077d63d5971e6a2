import fc from 'fast-check'
import { Deployment, Pod } from '@porpulsion/kube'
import { ExecutingAppKind, RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { expect, test } from 'vitest'
import { isReady, NAMESPACE, twoClusters, type TwoClusters } from './two-clusters.ts'

const names = ['one', 'two']
const name = fc.constantFrom(...names)

/** What may happen, in any order, while earlier things are still under way. */
type Step =
  | {
      readonly do: 'apply'
      readonly name: string
      readonly replicas: number
      readonly value: string
    }
  | { readonly do: 'delete'; readonly name: string }
  | { readonly do: 'cut' | 'connect' | 'restart a' | 'restart b' | 'pause' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      name,
      replicas: fc.nat(2),
      value: fc.constantFrom('x', 'y'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('cut' as const, 'connect' as const, 'pause' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('restart a' as const, 'restart b' as const) }),
  },
)

async function run({ a, b, pair }: TwoClusters, happening: Step): Promise<void> {
  switch (happening.do) {
    case 'apply': {
      const { replicas, value } = happening
      const spec = { image: 'porpulsion/ticker', replicas, env: [{ name: 'VALUE', value }] }
      // Refused while its namesake is still being deleted; then nothing has happened.
      await a.apply(spec, happening.name).catch(() => undefined)
      return
    }
    case 'delete':
      await a.delete(happening.name).catch(() => undefined)
      return
    case 'cut':
      pair.cut()
      return
    case 'connect':
      pair.connect()
      return
    case 'restart a':
    case 'restart b': {
      const agent = happening.do === 'restart a' ? a : b
      await agent.stop()
      await agent.start()
      return
    }
    case 'pause':
      await Promise.all([a.workloads.whenIdle(), b.workloads.whenIdle()])
  }
}

async function agreed({ a, b, namespaceAtB }: TwoClusters): Promise<void> {
  const wanted = await a.untilObjects(RemoteAppKind, NAMESPACE, (apps) =>
    apps.every(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status !== undefined &&
        isReady(status) &&
        status.observedGeneration === metadata.generation,
    ),
  )
  const uids = wanted.map(({ metadata }) => metadata.uid).sort()
  const records = await b.untilObjects(
    ExecutingAppKind,
    namespaceAtB,
    (all) => all.length === uids.length,
  )
  expect(records.map(({ spec }) => spec.submitter.uid).sort()).toEqual(uids)
  for (const { metadata, spec } of wanted) {
    const record = records.find((one) => one.spec.submitter.uid === metadata.uid)
    expect(record?.spec.app).toMatchObject({ replicas: spec.replicas, env: spec.env })
    expect((await a.app(metadata.name)).status?.readyReplicas).toBe(spec.replicas)
  }
  const pods = wanted.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0)
  await b.untilObjects(Pod, namespaceAtB, (all) => all.length === pods)
  await b.untilObjects(Deployment, namespaceAtB, (all) => all.length === wanted.length)
}

test('whatever changes, breaks and restarts in whatever order, both sides end with the same truth and nothing else', async () => {
  const clusters = await twoClusters()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
      for (const happening of steps) await run(clusters, happening)
      clusters.pair.connect()
      await agreed(clusters)
    }),
    { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 5), endOnFailure: true },
  )
}, 180_000)
