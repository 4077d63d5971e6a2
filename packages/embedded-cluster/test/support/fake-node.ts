import type { Pod } from 'kubernetes-types/core/v1.js'
import { Kinds } from '../../src/registry/kinds.ts'
import { timestamp } from '../../src/registry/metadata.ts'
import type { Clock } from '../../src/registry/ports.ts'
import type { Registry, Stored } from '../../src/registry/registry.ts'

export interface FakeNode {
  /** Which pods become ready; asked again for all when it is set. */
  isHealthy: (pod: Stored<Pod>) => boolean
  /** While false, pods that are deleted stay. */
  letsGo: boolean
  stop(): void
}

/** Runs no processes: places pods, calls them running, and ready if they are to be. */
export function fakeNode(registry: Registry, clock: Clock): FakeNode {
  const settings = { isHealthy: (_pod: Stored<Pod>): boolean => true, letsGo: true }
  let address = 0
  const act = async (pod: Stored<Pod>): Promise<void> => {
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (settings.letsGo)
        await registry.delete(Kinds.Pod, key, { gracePeriodSeconds: 0 }).catch(() => undefined)
      return
    }
    if (!pod.spec?.nodeName) {
      await registry.modify(Kinds.Pod, key, (draft) =>
        Object.assign(draft.spec ?? {}, { nodeName: 'node' }),
      )
      return
    }
    const status = settings.isHealthy(pod) ? 'True' : 'False'
    const before = pod.status?.conditions?.find(({ type }) => type === 'Ready')
    if (before?.status === status) return
    const condition = { type: 'Ready', status, lastTransitionTime: timestamp(clock.now()) }
    const podIP = pod.status?.podIP ?? `127.9.9.${++address}`
    await registry.modify(
      Kinds.Pod,
      key,
      (draft) =>
        Object.assign(draft, { status: { phase: 'Running', podIP, conditions: [condition] } }),
      { subresource: 'status' },
    )
  }
  const all = (): void => registry.list(Kinds.Pod).items.forEach((pod) => void act(pod))
  const stop = registry.watch(Kinds.Pod, {}, ({ type, object }) => {
    if (type !== 'DELETED') void act(object)
  })
  return {
    stop,
    get isHealthy() {
      return settings.isHealthy
    },
    set isHealthy(isHealthy) {
      settings.isHealthy = isHealthy
      all()
    },
    get letsGo() {
      return settings.letsGo
    },
    set letsGo(letsGo) {
      settings.letsGo = letsGo
      all()
    },
  }
}
