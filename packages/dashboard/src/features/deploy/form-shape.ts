/** What the form relies on when a manifest comes from a text: that lists are lists, and maps are maps. */

type Shape = (value: unknown) => boolean

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isScalar: Shape = (value) => ['string', 'number', 'boolean'].includes(typeof value)
const isText: Shape = (value) => typeof value === 'string'
const listOf =
  (isItem: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(isItem)
const mapOf =
  (isValue: Shape): Shape =>
  (value) =>
    isMap(value) && Object.values(value).every(isValue)
const files: Shape = (value) =>
  isMap(value) && (value['data'] === undefined || mapOf(isScalar)(value['data']))
const probe: Shape = (value) =>
  isMap(value) && (value['httpGet'] === undefined || isMap(value['httpGet']))

const shapes: readonly (readonly [path: readonly [string, string?], shape: Shape, is: string])[] = [
  [['metadata'], isMap, 'a map'],
  [['metadata', 'name'], isText, 'text'],
  [['spec'], isMap, 'a map'],
  [['spec', 'targetPeer'], isText, 'text'],
  [['spec', 'image'], isText, 'text'],
  [['spec', 'replicas'], (value) => typeof value === 'number', 'a number'],
  [['spec', 'command'], listOf(isText), 'a list of texts'],
  [['spec', 'args'], listOf(isText), 'a list of texts'],
  [['spec', 'ports'], listOf(isMap), 'a list of maps'],
  [['spec', 'env'], listOf(isMap), 'a list of maps'],
  [['spec', 'resources'], mapOf(mapOf(isScalar)), 'a map of "requests" and "limits"'],
  [['spec', 'readinessProbe'], probe, 'a map'],
  [['spec', 'livenessProbe'], probe, 'a map'],
  [['spec', 'configMaps'], listOf(files), 'a list of maps whose "data" is a map of texts'],
  [['spec', 'secrets'], listOf(files), 'a list of maps whose "data" is a map of texts'],
  [['spec', 'labels'], mapOf(isScalar), 'a map of texts'],
]

/** Says which part of the manifest is of another shape, the first one; `undefined` when all fits. */
export function misshapen(manifest: unknown): string | undefined {
  if (!isMap(manifest)) return 'A manifest is a map with "metadata" and "spec".'
  for (const [[section, field], fits, is] of shapes) {
    const part = manifest[section]
    const value = field === undefined ? part : isMap(part) ? part[field] : undefined
    const isAbsent = field !== undefined && value === undefined
    if (!isAbsent && !fits(value))
      return `${[section, field].filter((name) => name !== undefined).join('.')} must be ${is}.`
  }
  return undefined
}
