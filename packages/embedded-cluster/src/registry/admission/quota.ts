/**
 * ResourceQuotas. What is used is counted from what is there at that moment, not from the quota's status: writes are
 * decided one after the other, so two of them cannot both take the last of something.
 */
import { type ApiError, forbidden } from '../api-error.ts'
import { objectAt } from '../fields.ts'
import { formatQuantity, parseQuantity } from '../quantity.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Resource, StrategyContext } from '../resource.ts'
import { measureOf, silentContainers } from './quota-measures.ts'
import { isInScope } from './quota-scopes.ts'

type ListObjects = (resourceId: string, namespace: string) => Iterable<Stored>

/** Why what is created, or asks for more than before, is too much; undefined if it is not. */
export function quotaRefusal(
  resource: Resource,
  draft: Draft,
  old: Stored | undefined,
  context: StrategyContext,
): ApiError | undefined {
  const { namespace, name = '' } = draft.metadata
  if (namespace === undefined) return undefined
  for (const quota of context.list('resourcequotas', namespace)) {
    if (!isInScope(quota, resource.id, draft)) continue
    const problem =
      silenceProblem(quota, resource, draft, old) ??
      excessProblem(quota, resource, draft, old, (id) => context.list(id, namespace))
    if (problem !== undefined) return forbidden(resource, name, problem)
  }
  return undefined
}

function silenceProblem(
  quota: Stored,
  resource: Resource,
  draft: Draft,
  old: Stored | undefined,
): string | undefined {
  if (resource.id !== 'pods' || old !== undefined) return undefined
  const silent = Object.keys(hardOf(quota))
    .sort()
    .map((name) => ({ name, containers: silentContainers(name, draft) }))
    .filter(({ containers }) => containers.length > 0)
    .map(({ name, containers }) => `${name} for: ${containers.join(',')}`)
  if (silent.length === 0) return undefined
  return `failed quota: ${quota.metadata.name}: must specify ${silent.join('; ')}`
}

interface Excess {
  readonly name: string
  readonly requested: number
  readonly used: number
  readonly limited: number
}

function excessProblem(
  quota: Stored,
  resource: Resource,
  draft: Draft,
  old: Stored | undefined,
  list: (resourceId: string) => Iterable<Stored>,
): string | undefined {
  const excesses: Excess[] = []
  for (const [name, hard] of Object.entries(hardOf(quota)).sort(([a], [b]) => a.localeCompare(b))) {
    const measure = measureOf(name, resource.id)
    if (measure === undefined) continue
    const requested = measure(draft) - (old === undefined ? 0 : measure(old))
    if (requested <= 0) continue
    const limited = parseQuantity(hard) ?? 0
    const used = usedOf(quota, name, resource.id, list(resource.id))
    if (used + requested > limited) excesses.push({ name, requested, used, limited })
  }
  if (excesses.length === 0) return undefined
  const listed = (amount: 'requested' | 'used' | 'limited'): string =>
    `${amount}: ${excesses.map((one) => `${one.name}=${formatQuantity(one.name, one[amount])}`).join(',')}`
  return `exceeded quota: ${quota.metadata.name}, ${listed('requested')}, ${listed('used')}, ${listed('limited')}`
}

function usedOf(
  quota: Stored,
  name: string,
  resourceId: string,
  objects: Iterable<Stored>,
): number {
  const measure = measureOf(name, resourceId)
  if (measure === undefined) return 0
  let sum = 0
  for (const object of objects) if (isInScope(quota, resourceId, object)) sum += measure(object)
  return sum
}

/** What is used of all that a quota limits, for its status. */
export function quotaUsage(
  quota: Stored,
  resourceIds: readonly string[],
  list: ListObjects,
): Record<string, string> {
  const { namespace = '' } = quota.metadata
  const used = Object.keys(hardOf(quota)).map((name) => {
    const concerned = resourceIds.filter((id) => measureOf(name, id) !== undefined)
    const sum = concerned.reduce(
      (total, id) => total + usedOf(quota, name, id, list(id, namespace)),
      0,
    )
    return [name, formatQuantity(name, sum)] as const
  })
  return Object.fromEntries(used)
}

function hardOf(quota: Stored): Readonly<Record<string, unknown>> {
  return objectAt(quota, 'spec', 'hard')
}
