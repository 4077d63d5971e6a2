/** What the containers of an app may use, as Kubernetes will see it: the owner's defaults filled in. */
import { parseQuantity, type AppSpec, type ResourceRequirements } from '@porpulsion/contract'
import type { PeerRules } from './peer-rules.ts'

export const countedResources = ['cpu', 'memory'] as const
export type CountedResource = (typeof countedResources)[number]

export interface AppContainer {
  /** For sentences: `The app`, `Init container "fetch"`. */
  readonly who: string
  /** Where its fields are: ``, `initContainers[0].`. */
  readonly where: string
  readonly resources: ResourceRequirements
}

export function containersOf({ resources = {}, initContainers = [] }: AppSpec): AppContainer[] {
  return [
    { who: 'The app', where: '', resources },
    ...initContainers.map((init, index) => ({
      who: `Init container "${init.name}"`,
      where: `initContainers[${index}].`,
      resources: init.resources ?? {},
    })),
  ]
}

type Defaults = PeerRules['resources']['defaults']

/**
 * As written; undefined is unlimited. 0 is how Kubernetes spells "no limit", and what cannot be read is taken for none
 * either.
 */
export function limitOf(
  { limits = {} }: ResourceRequirements,
  resource: CountedResource,
  defaults: Defaults,
): string | undefined {
  return amount(limits[resource] ?? defaults.limits[resource])
}

/** As written: what it says, else its own limit, else what the owner fills in. */
export function requestOf(
  { limits = {}, requests = {} }: ResourceRequirements,
  resource: CountedResource,
  defaults: Defaults,
): string | undefined {
  const own = requests[resource] ?? limits[resource]
  if (own !== undefined) return own
  return amount(defaults.requests[resource]) ?? amount(defaults.limits[resource])
}

/** Undefined for nothing: absent, empty, 0, not a quantity. */
function amount(text: string | undefined): string | undefined {
  const nano = text === undefined ? undefined : parseQuantity(text)
  return nano === undefined || nano <= 0n ? undefined : text
}

/** What cannot be read is not known to be small enough. */
export function isAtMost(amount: string, most: string): boolean {
  const asked = parseQuantity(amount)
  const allowed = parseQuantity(most)
  return asked !== undefined && allowed !== undefined && asked <= allowed
}
