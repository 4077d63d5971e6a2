/** May this app of this peer run here? Asked on create and on every change; the first refusal is the answer. */
import { defaultReplicas, type AppSpec, type ErrorCode } from '@porpulsion/contract'
import {
  containersOf,
  countedResources,
  isAtMost,
  limitOf,
  requestOf,
  type CountedResource,
} from './container-resources.ts'
import { isAllowedBy, isBlockedBy } from './image-pattern.ts'
import { formatImage, parseImage, type ImageReference } from './image-reference.ts'
import type { PeerRules } from './peer-rules.ts'
import { securityProblem } from './pod-security.ts'
import { overTotal } from './total-rules.ts'
import { noOthers, type OtherUsage } from './usage-ledger.ts'
import { usageOf } from './usage.ts'

export interface Submission {
  /** Our name of the peer that asks. */
  readonly peerName: string
  readonly spec: AppSpec
  /** What other apps here take; an app's own earlier version is none of them. */
  readonly others?: OtherUsage
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
    | 'DigestRequired'
    | 'RequestsMissing'
    | 'LimitsMissing'
    | 'TotalExceeded'
    | 'SecurityLevel'
    | 'TooManyReplicas'
    | 'PodTooLarge'
    | 'StorageOff'
    | 'ClaimTooLarge'
  >
  readonly message: string
}

/** A submission with what several rules look at, read once. */
interface Subject extends Submission {
  /** Everything a pod of the app would start; what cannot be parsed has no reference. */
  readonly images: readonly { readonly text: string; readonly image: ImageReference | undefined }[]
}

type Rule = (subject: Subject, rules: PeerRules) => Refusal | undefined
/** One that looks at who asks alone. */
type PeerRule = (subject: Pick<Subject, 'peerName'>, rules: PeerRules) => Refusal | undefined

/** The first rule that refuses; undefined when all admit. */
export function admit(submission: Submission, rules: PeerRules): Refusal | undefined {
  const subject = subjectOf(submission)
  for (const rule of admissionRules) {
    const refusal = rule(subject, rules)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Everything that stands against a submission at once, for a dry run. */
export function refusals(submission: Submission, rules: PeerRules): readonly Refusal[] {
  const subject = subjectOf(submission)
  return admissionRules.flatMap((rule) => rule(subject, rules) ?? [])
}

/** Why no app of this peer is taken, whatever it is; undefined when some are. */
export function inboundRefusal(peerName: string, rules: PeerRules): Refusal | undefined {
  return inboundIsOff({ peerName }, rules) ?? peerIsNotWelcome({ peerName }, rules)
}

function subjectOf(submission: Submission): Subject {
  const { image, initContainers = [] } = submission.spec
  const texts = [image, ...initContainers.map((init) => init.image)]
  return { ...submission, images: texts.map((text) => ({ text, image: parseImage(text) })) }
}

const inboundIsOff: PeerRule = (_submission, { inbound }) =>
  inbound.enabled
    ? undefined
    : { reason: 'InboundOff', message: 'This cluster takes no apps (inbound.enabled: false)' }

const peerIsNotWelcome: PeerRule = ({ peerName }, { inbound }) => {
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

const imageRule =
  (judge: (image: ImageReference, rules: PeerRules['images']) => Refusal | undefined): Rule =>
  ({ images }, rules) => {
    for (const { image } of images) {
      const refusal = image && judge(image, rules.images)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

const imageIsNoImage: Rule = ({ images }) => {
  const unread = images.find(({ image }) => image === undefined)
  if (unread === undefined) return undefined
  return {
    reason: 'ImageInvalid',
    message: `"${unread.text}" is no image reference; write it as registry/repository:tag or repository@sha256:digest`,
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

const digestIsRequired = imageRule((image, { requireDigest }) =>
  !requireDigest || image.digest !== undefined
    ? undefined
    : {
        reason: 'DigestRequired',
        message: `Image ${formatImage(image)} is not named by digest (images.requireDigest); write ${image.name}@sha256:…`,
      },
)

const tooManyReplicas: Rule = ({ spec }, { resources }) => {
  const replicas = spec.replicas ?? defaultReplicas
  const most = resources.maxReplicasPerApp
  if (most === 0 || replicas <= most) return undefined
  return {
    reason: 'TooManyReplicas',
    message: `${replicas} replicas are more than the ${most} allowed for one app (resources.maxReplicasPerApp)`,
  }
}

/** Which containers do not say it, and what they leave out. */
function silent(
  { spec }: Submission,
  amountOf: typeof limitOf,
  { resources: { defaults } }: PeerRules,
):
  { readonly who: string; readonly where: string; readonly resource: CountedResource } | undefined {
  for (const { who, where, resources } of containersOf(spec))
    for (const resource of countedResources)
      if (amountOf(resources, resource, defaults) === undefined) return { who, where, resource }
  return undefined
}

const requestsAreMissing: Rule = (submission, rules) => {
  const missing = rules.resources.requireRequests ? silent(submission, requestOf, rules) : undefined
  if (missing === undefined) return undefined
  const { who, where, resource } = missing
  return {
    reason: 'RequestsMissing',
    message: `${who} does not say how much ${resource} it needs (resources.requireRequests); set ${where}resources.requests.${resource}`,
  }
}

const limitsAreMissing: Rule = (submission, rules) => {
  const missing = rules.resources.requireLimits ? silent(submission, limitOf, rules) : undefined
  if (missing !== undefined) {
    const { who, where, resource } = missing
    return {
      reason: 'LimitsMissing',
      message: `${who} does not say how much ${resource} it uses at most (resources.requireLimits); set ${where}resources.limits.${resource}`,
    }
  }
  const message = overDefaultLimit(submission, rules)
  return message === undefined ? undefined : { reason: 'LimitsMissing', message }
}

/** Kubernetes refuses a container that asks for more than the limit it is given. */
function overDefaultLimit({ spec }: Submission, { resources }: PeerRules): string | undefined {
  const { defaults } = resources
  for (const { who, where, resources } of containersOf(spec))
    for (const resource of countedResources) {
      const limit = limitOf(resources, resource, defaults)
      const request = resources.requests?.[resource]
      if (resources.limits?.[resource] !== undefined || limit === undefined) continue
      if (request !== undefined && !isAtMost(request, limit))
        return `${who} asks for ${request} of ${resource}, more than the limit of ${limit} it gets (resources.defaults.limits.${resource}); set ${where}resources.limits.${resource}`
    }
  return undefined
}

const podIsTooLarge: Rule = ({ spec }, { resources }) => {
  for (const resource of countedResources) {
    const most = resources.maxPerPod[resource]
    const problem =
      most === '' ? undefined : oversize(spec, resource, { most, defaults: resources.defaults })
    if (problem !== undefined) return { reason: 'PodTooLarge', message: problem }
  }
  return undefined
}

/** Init containers run before the app and never beside it: each alone has to fit. */
function oversize(
  spec: AppSpec,
  resource: CountedResource,
  {
    most,
    defaults,
  }: { readonly most: string; readonly defaults: PeerRules['resources']['defaults'] },
): string | undefined {
  for (const { who, where, resources } of containersOf(spec)) {
    const limit = limitOf(resources, resource, defaults)
    // A pod without a limit may use the whole node: absent is the largest of all, not 0.
    if (limit === undefined)
      return `${who} sets no ${resource} limit, which means unlimited, and a pod may use at most ${most} (resources.maxPerPod.${resource}); set ${where}resources.limits.${resource}`
    const request = resources.requests?.[resource]
    const problem = !isAtMost(limit, most)
      ? `limit of ${limit}`
      : request !== undefined && !isAtMost(request, most)
        ? `request of ${request}`
        : undefined
    if (problem !== undefined)
      return `${who} has a ${resource} ${problem}, more than the ${most} a pod may use (resources.maxPerPod.${resource})`
  }
  return undefined
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

const totalIsExceeded: Rule = ({ spec, peerName, others = noOthers }, rules) => {
  const message = overTotal(
    usageOf(spec, rules.resources.defaults),
    others,
    { all: rules.totals, peer: rules.peerTotals },
    peerName,
  )
  return message === undefined ? undefined : { reason: 'TotalExceeded', message }
}

const levelIsBroken: Rule = ({ spec }, { pods: { securityLevel } }) => {
  const message = securityProblem(spec, securityLevel)
  return message === undefined ? undefined : { reason: 'SecurityLevel', message }
}

/** Asked in order: what turns a peer away altogether comes before what a change of the app would mend. */
const admissionRules: readonly Rule[] = [
  inboundIsOff,
  peerIsNotWelcome,
  imageIsNoImage,
  imageIsBlocked,
  imageIsNotAllowed,
  digestIsRequired,
  requestsAreMissing,
  limitsAreMissing,
  podIsTooLarge,
  tooManyReplicas,
  totalIsExceeded,
  storageIsOff,
  claimIsTooLarge,
  levelIsBroken,
]
