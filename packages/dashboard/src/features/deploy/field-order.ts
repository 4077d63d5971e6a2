/** The fields of a spec as people write them: where, what and how many first. */
const order: readonly string[] = [
  'targetPeer',
  'image',
  'imagePullPolicy',
  'imagePullSecrets',
  'replicas',
  'command',
  'args',
  'ports',
  'env',
  'resources',
  'startupProbe',
  'readinessProbe',
  'livenessProbe',
]

/** What is not among these comes last. */
export function placeOf(field: string): number {
  const found = order.indexOf(field)
  return found === -1 ? order.length : found
}
