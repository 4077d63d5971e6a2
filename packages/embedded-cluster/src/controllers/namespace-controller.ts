import type { Namespace, NamespaceCondition } from 'kubernetes-types/core/v1.js'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Kind, Registry, Stored } from '../registry/registry.ts'
import { withCondition } from './conditions.ts'
import { deleteObject } from './ownership.ts'
import { objectKey, RegistryController } from './registry-controller.ts'

const finalizer = 'kubernetes'
/** Every namespace has it; pods that name none run under it. */
const defaultAccount = 'default'

/** Furnishes new namespaces, and empties those that are being deleted before it lets them go. */
export function namespaceController(deps: WorkloadDeps): RegistryController {
  const { registry } = deps
  return new RegistryController(deps, {
    name: 'namespace',
    watch: (enqueue) => [
      registry.watch(Kinds.Namespace, {}, ({ object }) => enqueue(object.metadata.name)),
      registry.watchAll(({ type, object: { metadata, kind } }) => {
        if (type !== 'DELETED' || metadata.namespace === undefined) return
        const isAccount = kind === 'ServiceAccount' && metadata.name === defaultAccount
        const namespace = registry.get(Kinds.Namespace, { name: metadata.namespace })
        const isEnding = namespace?.metadata.deletionTimestamp !== undefined
        if (isEnding || isAccount) enqueue(metadata.namespace)
      }),
    ],
    reconcile: async (key) => {
      const namespace = registry.get(Kinds.Namespace, objectKey(key))
      if (namespace === undefined) return undefined
      if (namespace.metadata.deletionTimestamp === undefined) await furnish(registry, key)
      else await empty(deps, namespace)
      return undefined
    },
  })
}

async function furnish(registry: Registry, namespace: string): Promise<void> {
  if (registry.get(Kinds.ServiceAccount, { namespace, name: defaultAccount }) !== undefined) return
  try {
    await registry.create(Kinds.ServiceAccount, { metadata: { name: defaultAccount, namespace } })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists', 'Forbidden', 'NotFound')) throw error
  }
}

async function empty(deps: WorkloadDeps, namespace: Stored<Namespace>): Promise<void> {
  const { registry } = deps
  const { name } = namespace.metadata
  for (const { kind, objects } of contents(registry, name)) {
    for (const object of objects) {
      const isGoing = object.metadata.deletionTimestamp !== undefined
      if (!isGoing) await deleteObject(registry, kind, object, { propagationPolicy: 'Background' })
    }
  }
  const left = contents(registry, name)
  if (left.length > 0) await tellWhatIsLeft(deps, name, left)
  else await letGo(registry, name)
}

interface Contents {
  readonly kind: Kind
  readonly objects: readonly Stored[]
}

function contents(registry: Registry, namespace: string): Contents[] {
  return registry
    .kinds()
    .filter(({ namespaced }) => namespaced)
    .map((kind) => ({ kind, objects: registry.list(kind, { namespace }).items }))
    .filter(({ objects }) => objects.length > 0)
}

/** `kubectl describe namespace` shows why one does not go away. */
async function tellWhatIsLeft(
  { registry, clock }: WorkloadDeps,
  name: string,
  left: readonly Contents[],
): Promise<void> {
  const counts = left.map(
    ({ kind, objects }) => `${nameOf(kind)} has ${objects.length} resource instances`,
  )
  const held = left.flatMap(({ objects }) =>
    objects.flatMap(({ metadata }) => metadata.finalizers ?? []),
  )
  const condition = (
    type: string,
    isSo: boolean,
    reason: string,
    message: string,
  ): NamespaceCondition => ({
    type,
    status: isSo ? 'True' : 'False',
    reason,
    message,
  })
  const next = [
    condition(
      'NamespaceContentRemaining',
      true,
      'SomeResourcesRemain',
      `Some resources are remaining: ${counts.join(', ')}`,
    ),
    held.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${[...new Set(held)].join(', ')}`,
        )
      : condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ]
  await registry.modify(
    Kinds.Namespace,
    { name },
    (draft) => {
      const before = draft.status?.conditions ?? []
      const conditions = next.reduce((all, one) => withCondition(all, one, clock.now()), before)
      return Object.assign(draft, { status: { ...draft.status, phase: 'Terminating', conditions } })
    },
    { subresource: 'status', fieldManager: 'namespace-controller' },
  )
}

function nameOf({ plural, group }: Kind): string {
  return group === '' ? `${plural}.` : `${plural}.${group}`
}

async function letGo(registry: Registry, name: string): Promise<void> {
  await registry.modify(
    Kinds.Namespace,
    { name },
    (draft) => {
      const finalizers = (draft.spec?.finalizers ?? []).filter((one) => one !== finalizer)
      return Object.assign(draft, { spec: { ...draft.spec, finalizers } })
    },
    { subresource: 'finalize', fieldManager: 'namespace-controller' },
  )
}
