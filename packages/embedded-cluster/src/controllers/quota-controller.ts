import { quotaUsage } from '../registry/admission/quota.ts'
import { Kinds } from '../registry/kinds.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Kind, Stored } from '../registry/registry.ts'
import { resourceId } from '../registry/resource.ts'
import { keyFor } from './ownership.ts'
import { keyOf, objectKey, RegistryController } from './registry-controller.ts'

/** Says in the status of each quota how much of it is used. What may be made is decided elsewhere, without this. */
export function quotaController(deps: WorkloadDeps): RegistryController {
  const { registry } = deps
  return new RegistryController(deps, {
    name: 'resource-quota',
    watch: (enqueue) => [
      registry.watchAll(({ object: { metadata } }) => {
        const { namespace } = metadata
        if (namespace === undefined) return
        for (const quota of registry.list(Kinds.ResourceQuota, { namespace }).items)
          enqueue(keyOf(quota))
      }),
    ],
    reconcile: async (key) => {
      const quota = registry.get(Kinds.ResourceQuota, objectKey(key))
      if (quota === undefined) return undefined
      const kinds = new Map(registry.kinds().map((kind) => [resourceId(kind), kind]))
      const list = (id: string, namespace: string): readonly Stored[] => {
        const kind: Kind | undefined = kinds.get(id)
        return kind === undefined ? [] : registry.list(kind, { namespace }).items
      }
      const used = quotaUsage(quota, [...kinds.keys()], list)
      await registry.modify(
        Kinds.ResourceQuota,
        keyFor(quota),
        (draft) => Object.assign(draft, { status: { hard: draft.spec?.hard ?? {}, used } }),
        { subresource: 'status', fieldManager: 'resourcequota-controller' },
      )
      return undefined
    },
  })
}
