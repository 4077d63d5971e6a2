/** What a pod asks for as a whole; pure. */
import { objectAt, objectsAt } from './fields.ts'
import type { JsonObject } from './json.ts'
import { parseQuantity } from './quantity.ts'

/** Init containers run before the others and one at a time: the largest of them counts, if it is more. */
export function podAmount(pod: unknown, section: 'requests' | 'limits', name: string): number {
  const of = (container: JsonObject): number =>
    parseQuantity(objectAt(container, 'resources', section)[name]) ?? 0
  const together = objectsAt(pod, 'spec', 'containers').reduce((sum, one) => sum + of(one), 0)
  return Math.max(together, ...objectsAt(pod, 'spec', 'initContainers').map(of))
}

/** Finished pods hold nothing. */
export function isFinished(pod: unknown): boolean {
  return ['Succeeded', 'Failed'].includes(String(objectAt(pod, 'status')['phase']))
}
