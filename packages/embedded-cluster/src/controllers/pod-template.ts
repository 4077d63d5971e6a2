/** Which ReplicaSet belongs to a template: by its contents, and by a name made of them. Pure. */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.js'

export const hashLabel = 'pod-template-hash'

export function isSameTemplate(
  ofSet: PodTemplateSpec | undefined,
  wanted: PodTemplateSpec | undefined,
): boolean {
  return isDeepStrictEqual(withoutHash(ofSet), withoutHash(wanted))
}

/** Through JSON: a key that is undefined and a key that is absent are the same. */
function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {}
  return JSON.parse(
    JSON.stringify({ ...template, metadata: { ...template?.metadata, labels } }),
  ) as unknown
}

export function withHash(template: PodTemplateSpec | undefined, hash: string): PodTemplateSpec {
  const labels = { ...template?.metadata?.labels, [hashLabel]: hash }
  return { ...template, metadata: { ...template?.metadata, labels } }
}

const hashLetters = 'bcdfghjklmnpqrstvwxz2456789'

export function templateHash(template: PodTemplateSpec | undefined, collisionCount = 0): string {
  const digest = createHash('sha256')
    .update(`${collisionCount} ${JSON.stringify(template ?? {})}`)
    .digest()
  return [...digest.subarray(0, 10)].map((byte) => hashLetters[byte % hashLetters.length]).join('')
}
