/** What tests of the kit have in common. */
import { onTestFinished } from 'vitest'
import {
  Informer,
  KubeClient,
  Pod,
  type CacheChange,
  type ClusterConnection,
  type InformerOptions,
  type KubeReport,
} from '../src/index.ts'
import { evenRandom, FakeClock } from '../src/testing.ts'

export function aPod(
  name: string,
  resourceVersion: string,
  metadata: Partial<NonNullable<Pod['metadata']>> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      resourceVersion,
      creationTimestamp: '2030-01-01T00:00:00Z',
      ...metadata,
    },
  }
}

/** Reports as they come, to look at and to wait for. */
export class Reports {
  readonly all: KubeReport[] = []
  readonly #watchers = new Set<() => void>()

  readonly sink = (report: KubeReport): void => {
    this.all.push(report)
    for (const resolve of this.#watchers) resolve()
    this.#watchers.clear()
  }

  of<K extends KubeReport['kind']>(kind: K): Extract<KubeReport, { kind: K }>[] {
    return this.all.filter(
      (report): report is Extract<KubeReport, { kind: K }> => report.kind === kind,
    )
  }

  /** Resolves with the `count`th report of a kind. */
  async next<K extends KubeReport['kind']>(
    kind: K,
    count = 1,
  ): Promise<Extract<KubeReport, { kind: K }>> {
    for (;;) {
      const found = this.of(kind)[count - 1]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve)
      })
    }
  }
}

export function aClient(connection: ClusterConnection, clock?: FakeClock): KubeClient {
  const client = new KubeClient(connection, { fieldManager: 'kit-test', ...(clock && { clock }) })
  onTestFinished(() => client.close())
  return client
}

/** A change as a word: `added a@11`. */
function inWords(change: CacheChange<Pod>): string {
  const { name, resourceVersion } = change.object.metadata
  return `${change.kind} ${name}@${resourceVersion}`
}

export interface InformerUnderTest {
  readonly informer: Informer<Pod, string>
  readonly clock: FakeClock
  readonly reports: Reports
  readonly client: KubeClient
  /** Stops the informer, as a program that ends. */
  readonly abort: () => void
  /** Changes so far, in words. */
  readonly changes: readonly string[]
  /** Resolves once a change has come that reads so. */
  readonly changed: (words: string) => Promise<void>
  readonly start: () => Promise<void>
}

/** An informer on pods whose time stands still. */
export function aPodInformer(
  connection: ClusterConnection,
  options: Partial<InformerOptions<Pod, string>> = {},
): InformerUnderTest {
  const clock = new FakeClock()
  const reports = new Reports()
  const client = aClient(connection, clock)
  const ending = new AbortController()
  const informer = new Informer<Pod, string>(
    { client, clock, random: evenRandom, report: reports.sink },
    { kind: Pod, ...options },
  )
  const changes: string[] = []
  const watchers = new Set<() => void>()
  informer.on((change) => {
    changes.push(inWords(change))
    for (const resolve of watchers) resolve()
    watchers.clear()
  })
  onTestFinished(() => informer.stop())
  return {
    informer,
    clock,
    reports,
    client,
    changes,
    abort: () => ending.abort(),
    start: () => informer.start(ending.signal),
    async changed(words) {
      while (!changes.includes(words))
        await new Promise<void>((resolve) => {
          watchers.add(resolve)
        })
    },
  }
}
