import { Kinds } from '../registry/kinds.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import { claim, controllerOf, matchesSelector } from './ownership.ts'
import { keyOf, objectKey, RegistryController } from './registry-controller.ts'
import { Rollout, type DeploymentControllerDeps } from './rollout.ts'

/** Replaces the pods of one template by those of the next, as gently as was asked for. */
export function deploymentController(deps: DeploymentControllerDeps): RegistryController {
  const { registry } = deps
  return new RegistryController(deps, {
    name: 'deployment',
    watch: (enqueue) => [
      registry.watch(Kinds.Deployment, {}, ({ object }) => enqueue(keyOf(object))),
      registry.watch(Kinds.ReplicaSet, {}, ({ object, previous }) => {
        for (const set of previous === undefined ? [object] : [object, previous]) {
          for (const key of concerned(registry, set)) enqueue(key)
        }
      }),
      // Recreate waits until the last old pod is gone, and no ReplicaSet tells when that is.
      registry.watch(Kinds.Pod, {}, ({ type, object }) => {
        if (type !== 'DELETED') return
        const set = registry.getByUid(controllerOf(object)?.uid ?? '')
        if (set !== undefined) for (const key of concerned(registry, set)) enqueue(key)
      }),
    ],
    reconcile: (key) => reconcile(deps, key),
  })
}

/** The Deployment of a ReplicaSet; for an orphan, whoever may adopt it. */
function concerned(registry: Registry, set: Stored): string[] {
  const { namespace = '', labels } = set.metadata
  const owner = controllerOf(set)
  if (owner !== undefined) return owner.kind === 'Deployment' ? [`${namespace}/${owner.name}`] : []
  return registry
    .list(Kinds.Deployment, { namespace })
    .items.filter(({ spec }) => matchesSelector(spec?.selector, labels))
    .map(keyOf)
}

async function reconcile(deps: DeploymentControllerDeps, key: string): Promise<number | undefined> {
  const { registry } = deps
  const deployment = registry.get(Kinds.Deployment, objectKey(key))
  if (deployment === undefined) return undefined
  const sets = await claim(registry, Kinds.ReplicaSet, deployment, deployment.spec?.selector)
  const rollout = new Rollout(deps, deployment, sets)
  if (deployment.metadata.deletionTimestamp === undefined) await rollout.step()
  return rollout.writeStatus()
}
