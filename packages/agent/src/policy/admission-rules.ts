/** May this app of this peer run here? Asked on create and on every change; the first refusal is the answer. */
import { defaultReplicas, parseQuantity, type AppSpec, type ErrorCode } from '@porpulsion/contract'
import { isAllowedBy, isBlockedBy } from './image-pattern.ts'
import { formatImage, parseImage } from './image-reference.ts'
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

const imageIsNoImage: Rule = ({ spec }) =>
  parseImage(spec.image) === undefined
    ? {
        reason: 'ImageInvalid',
        message: `"${spec.image}" is no image reference; write it as registry/repository:tag or repository@sha256:digest`,
      }
    : undefined

const imageIsBlocked: Rule = ({ spec }, { images }) => {
  const image = parseImage(spec.image)
  if (image === undefined) return undefined
  const line = images.block.find((line) => isBlockedBy(line, image))
  if (line === undefined) return undefined
  return {
    reason: 'ImageBlocked',
    message: `Image ${formatImage(image)} is on the block list (images.block: "${line}")`,
  }
}

/** Enough lines for a person to see what would be allowed. */
const maxQuotedLines = 5

const imageIsNotAllowed: Rule = ({ spec }, { images }) => {
  const image = parseImage(spec.image)
  if (image === undefined || images.allow.length === 0) return undefined
  if (images.allow.some((line) => isAllowedBy(line, image))) return undefined
  const lines = images.allow.slice(0, maxQuotedLines).map((line) => `"${line}"`)
  const more = images.allow.length > maxQuotedLines ? ', …' : ''
  return {
    reason: 'ImageNotAllowed',
    message: `Image ${formatImage(image)} is not on the allow list (images.allow: ${lines.join(', ')}${more})`,
  }
}

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

/** A pod without a limit may use the whole node: absent is the largest of all, not 0. */
function oversize(spec: AppSpec, resource: 'cpu' | 'memory', most: string): string | undefined {
  const rule = `(resources.maxPerPod.${resource})`
  const limit = spec.resources?.limits?.[resource]
  if (limit === undefined)
    return `The app sets no ${resource} limit, which means unlimited, and a pod may use at most ${most} ${rule}; set resources.limits.${resource}`
  for (const [what, amount] of [
    ['limit', limit],
    ['request', spec.resources?.requests?.[resource]],
  ] as const) {
    if (amount !== undefined && !isAtMost(amount, most))
      return `The ${resource} ${what} of ${amount} is more than the ${most} a pod may use ${rule}`
  }
  return undefined
}

/** What cannot be read is not known to be small enough. */
function isAtMost(amount: string, most: string): boolean {
  const asked = parseQuantity(amount)
  const allowed = parseQuantity(most)
  return asked !== undefined && allowed !== undefined && asked <= allowed
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
]
