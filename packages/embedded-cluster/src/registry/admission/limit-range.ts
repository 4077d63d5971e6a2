/** LimitRanges: what containers are given that do not say, and what is too little or too much. */
import { forbidden } from '../api-error.ts'
import { ensureObject, objectAt, objectsAt, scalarText, setDefault, stringAt } from '../fields.ts'
import type { JsonObject } from '../json.ts'
import { podAmount } from '../pod-resources.ts'
import { compareQuantities, formatQuantity, parseQuantity } from '../quantity.ts'
import type { Draft, StrategyContext } from '../resource.ts'

/** Fills in what the containers of a new pod leave out, then throws `Forbidden` if a pod or container is out of range. */
export function limitPod(pod: Draft, context: StrategyContext): void {
  const items = limitsFor(pod, context)
  const spec = ensureObject(pod, 'spec')
  const containers = [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')]
  const ofContainers = items.filter((item) => item['type'] === 'Container')
  for (const item of ofContainers) for (const one of containers) giveDefaults(one, item)
  const problems = [
    ...ofContainers.flatMap((item) =>
      containers.flatMap((one) => problemsOf(item, objectAt(one, 'resources'))),
    ),
    ...items
      .filter((item) => item['type'] === 'Pod')
      .flatMap((item) => problemsOf(item, resourcesOfPod(pod, item))),
  ]
  refuse(pod, 'pods', problems)
}

/** Throws `Forbidden` if a claim asks for too little or too much. */
export function limitClaim(claim: Draft, context: StrategyContext): void {
  const { requests } = objectAt(claim, 'spec', 'resources')
  const problems = limitsFor(claim, context)
    .filter((item) => item['type'] === 'PersistentVolumeClaim')
    .flatMap((item) => problemsOf(item, { requests, limits: requests }))
  refuse(claim, 'persistentvolumeclaims', problems)
}

function limitsFor(draft: Draft, context: StrategyContext): JsonObject[] {
  const ranges = [...context.list('limitranges', draft.metadata.namespace ?? '')]
  return ranges.flatMap((range) => [...objectsAt(range, 'spec', 'limits')])
}

function giveDefaults(container: JsonObject, item: JsonObject): void {
  const resources = ensureObject(container, 'resources')
  for (const [section, source] of [
    ['limits', 'default'],
    ['requests', 'defaultRequest'],
  ] as const) {
    for (const [name, value] of Object.entries(objectAt(item, source)))
      setDefault(ensureObject(resources, section), name, value)
  }
}

/** Of a pod counts the sum, of what the range is about. */
function resourcesOfPod(pod: Draft, item: JsonObject): JsonObject {
  const names = ['min', 'max'].flatMap((bound) => Object.keys(objectAt(item, bound)))
  const sums = (section: 'requests' | 'limits'): JsonObject =>
    Object.fromEntries(
      names
        .map((name) => [name, podAmount(pod, section, name)] as const)
        .filter(([, amount]) => amount > 0)
        .map(([name, amount]) => [name, formatQuantity(name, amount)]),
    )
  return { requests: sums('requests'), limits: sums('limits') }
}

function problemsOf(item: JsonObject, resources: JsonObject): string[] {
  const type = stringAt(item, 'type') ?? ''
  const requests = objectAt(resources, 'requests')
  const limits = objectAt(resources, 'limits')
  return [
    ...Object.entries(objectAt(item, 'min')).flatMap(([name, bound]) =>
      tooLittle(`minimum ${name} usage per ${type} is ${scalarText(bound)}`, bound, requests[name]),
    ),
    ...Object.entries(objectAt(item, 'max')).flatMap(([name, bound]) =>
      tooMuch(
        `maximum ${name} usage per ${type} is ${scalarText(bound)}`,
        bound,
        limits[name],
        type === 'PersistentVolumeClaim',
      ),
    ),
    ...Object.entries(objectAt(item, 'maxLimitRequestRatio')).flatMap(([name, ratio]) =>
      tooFarApart(`${name} max limit to request ratio per ${type} is ${scalarText(ratio)}`, ratio, {
        limit: limits[name],
        request: requests[name],
      }),
    ),
  ]
}

function tooLittle(rule: string, min: unknown, request: unknown): string[] {
  if (request === undefined) return [`${rule}.  No request is specified`]
  return compareQuantities(request, min) < 0
    ? [`${rule}, but request is ${scalarText(request)}`]
    : []
}

function tooMuch(rule: string, max: unknown, limit: unknown, ofClaim: boolean): string[] {
  if (limit === undefined) return [`${rule}.  No limit is specified`]
  if (compareQuantities(limit, max) <= 0) return []
  const what = ofClaim ? 'request' : 'limit'
  return [`${rule}, but ${what} is ${scalarText(limit)}`]
}

interface Pair {
  readonly limit: unknown
  readonly request: unknown
}

function tooFarApart(rule: string, most: unknown, { limit, request }: Pair): string[] {
  const [highest, lowest] = [parseQuantity(limit), parseQuantity(request)]
  if (highest === undefined || lowest === undefined || lowest === 0)
    return [`${rule}, but no request is specified or request is 0`]
  const ratio = highest / lowest
  return ratio > (parseQuantity(most) ?? Infinity)
    ? [`${rule}, but provided ratio is ${ratio.toFixed(6)}`]
    : []
}

function refuse(draft: Draft, plural: string, problems: readonly string[]): void {
  const [first] = problems
  if (first === undefined) return
  const text = problems.length === 1 ? first : `[${problems.join(', ')}]`
  throw forbidden({ group: '', plural }, draft.metadata.name ?? '', text)
}
