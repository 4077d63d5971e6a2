/** May this app of this peer run here? Asked on create and on every change; the first refusal is the answer. */
import {
  defaultReplicas,
  parseQuantity,
  type AppSpec,
  type ErrorCode,
  type ResourceRequirements,
} from '@porpulsion/contract'
import { isAllowedBy, isBlockedBy } from './image-pattern.ts'
import { formatImage, parseImage, type ImageReference } from './image-reference.ts'
import type { PeerRules } from './peer-rules.ts'

export interface Submission {
  /** Our name of the peer that asks. */
  readonly peerName: string
  readonly spec: AppSpec
}

/** `reason` is an error code; `message` names the rule, what was asked and what is allowed. */
export interface Refusal {
  readonly reason: Extract<
    ErrorCode,
    | 'InboundOff'
    | 'PeerNotAllowed'
    | 'ImageInvalid'
    | 'ImageBlocked'
    | 'ImageNotAllowed'
    | 'TooManyReplicas'
    | 'PodTooLarge'
    | 'StorageOff'
    | 'ClaimTooLarge'
  >
  readonly message: string
}

type Rule = (submission: Submission, rules: PeerRules) => Refusal | undefined

/** The first rule that refuses; undefined when all admit. */
export function admit(submission: Submission, rules: PeerRules): Refusal | undefined {
  for (const rule of admissionRules) {
    const refusal = rule(submission, rules)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Everything that stands against a submission at once, for a dry run. */
export function refusals(submission: Submission, rules: PeerRules): readonly Refusal[] {
  return admissionRules.flatMap((rule) => rule(submission, rules) ?? [])
}

const inboundIsOff: Rule = (_submission, { inbound }) =>
  inbound.enabled
    ? undefined
    : { reason: 'InboundOff', message: 'This cluster takes no apps (inbound.enabled: false)' }

const peerIsNotWelcome: Rule = ({ peerName }, { inbound }) => {
  if (inbound.denied)
    return {
      reason: 'PeerNotAllowed',
      message: `This cluster takes no apps of peer "${peerName}" (inbound.denyPeers)`,
    }
  if (inbound.notListed)
    return {
      reason: 'PeerNotAllowed',
      message: `This cluster takes apps of listed peers only, and "${peerName}" is not listed (inbound.allowPeers)`,
    }
  return undefined
}

/** Everything a pod of the app would start. */
const imagesOf = ({ image, initContainers = [] }: AppSpec): string[] => [
  image,
  ...initContainers.map((container) => container.image),
]

const imageRule =
  (judge: (image: ImageReference, rules: PeerRules['images']) => Refusal | undefined): Rule =>
  ({ spec }, { images }) => {
    for (const text of imagesOf(spec)) {
      const image = parseImage(text)
      const refusal = image && judge(image, images)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

const imageIsNoImage: Rule = ({ spec }) => {
  const text = imagesOf(spec).find((image) => parseImage(image) === undefined)
  if (text === undefined) return undefined
  return {
    reason: 'ImageInvalid',
    message: `"${text}" is no image reference; write it as registry/repository:tag or repository@sha256:digest`,
  }
}

const imageIsBlocked = imageRule((image, { block }) => {
  const line = block.find((line) => isBlockedBy(line, image))
  if (line === undefined) return undefined
  return {
    reason: 'ImageBlocked',
    message: `Image ${formatImage(image)} is on the block list (images.block: "${line}")`,
  }
})

/** Enough lines for a person to see what would be allowed. */
const maxQuotedLines = 5

const imageIsNotAllowed = imageRule((image, { allow }) => {
  if (allow.length === 0 || allow.some((line) => isAllowedBy(line, image))) return undefined
  const lines = allow.slice(0, maxQuotedLines).map((line) => `"${line}"`)
  const more = allow.length > maxQuotedLines ? ', …' : ''
  return {
    reason: 'ImageNotAllowed',
    message: `Image ${formatImage(image)} is not on the allow list (images.allow: ${lines.join(', ')}${more})`,
  }
})

const tooManyReplicas: Rule = ({ spec }, { resources }) => {
  const replicas = spec.replicas ?? defaultReplicas
  const most = resources.maxReplicasPerApp
  if (most === 0 || replicas <= most) return undefined
  return {
    reason: 'TooManyReplicas',
    message: `${replicas} replicas are more than the ${most} allowed for one app (resources.maxReplicasPerApp)`,
  }
}

const podIsTooLarge: Rule = ({ spec }, { resources }) => {
  for (const resource of ['cpu', 'memory'] as const) {
    const most = resources.maxPerPod[resource]
    const problem = most === '' ? undefined : oversize(spec, resource, most)
    if (problem !== undefined) return { reason: 'PodTooLarge', message: problem }
  }
  return undefined
}

/** Init containers run before the app and never beside it: each alone has to fit. */
function oversize(spec: AppSpec, resource: 'cpu' | 'memory', most: string): string | undefined {
  const containers = [
    { who: 'The app', where: '', own: spec.resources },
    ...(spec.initContainers ?? []).map(({ name, resources }, index) => ({
      who: `Init container "${name}"`,
      where: `initContainers[${index}].`,
      own: resources,
    })),
  ]
  for (const { who, where, own } of containers) {
    const problem = oversizeOf(own, resource, most)
    if (problem === 'unlimited')
      return `${who} sets no ${resource} limit, which means unlimited, and a pod may use at most ${most} (resources.maxPerPod.${resource}); set ${where}resources.limits.${resource}`
    if (problem !== undefined)
      return `${who} has a ${resource} ${problem}, more than the ${most} a pod may use (resources.maxPerPod.${resource})`
  }
  return undefined
}

/** A pod without a limit may use the whole node: absent is the largest of all, not 0. */
function oversizeOf(
  { limits = {}, requests = {} }: ResourceRequirements = {},
  resource: 'cpu' | 'memory',
  most: string,
): string | undefined {
  const limit = limits[resource]
  const request = requests[resource]
  if (limit === undefined) return 'unlimited'
  if (!isAtMost(limit, most)) return `limit of ${limit}`
  return request === undefined || isAtMost(request, most) ? undefined : `request of ${request}`
}

/** What cannot be read is not known to be small enough. */
function isAtMost(amount: string, most: string): boolean {
  const asked = parseQuantity(amount)
  const allowed = parseQuantity(most)
  return asked !== undefined && allowed !== undefined && asked <= allowed
}

const storageIsOff: Rule = ({ spec }, { storage }) =>
  spec.pvcs === undefined || spec.pvcs.length === 0 || storage.enabled
    ? undefined
    : {
        reason: 'StorageOff',
        message:
          'This cluster gives apps of peers no storage (storage.enabled: false); remove pvcs, or ask its owner',
      }

const claimIsTooLarge: Rule = ({ spec }, { storage: { maxPerClaim: most } }) => {
  const claim = most === '' ? undefined : spec.pvcs?.find(({ storage }) => !isAtMost(storage, most))
  if (claim === undefined) return undefined
  return {
    reason: 'ClaimTooLarge',
    message: `Claim "${claim.name}" asks for ${claim.storage}, more than the ${most} allowed for one (storage.maxPerClaim)`,
  }
}

/** Asked in order: what turns a peer away altogether comes before what a change of the app would mend. */
const admissionRules: readonly Rule[] = [
  inboundIsOff,
  peerIsNotWelcome,
  imageIsNoImage,
  imageIsBlocked,
  imageIsNotAllowed,
  tooManyReplicas,
  podIsTooLarge,
  storageIsOff,
  claimIsTooLarge,
]
