import type { Pod } from 'kubernetes-types/core/v1.js'
import { notFound } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Stored } from '../registry/registry.ts'
import type { ApiContext } from './api-context.ts'
import { keyOf, type Target } from './target.ts'

/** The pod whose subresource a request is about; throws 404 if there is none. */
export function podOf({ registry }: ApiContext, target: Target): Stored<Pod> {
  const key = keyOf(target)
  const pod = registry.get(Kinds.Pod, key)
  if (pod === undefined) throw notFound(target.resource, key.name)
  return pod
}
