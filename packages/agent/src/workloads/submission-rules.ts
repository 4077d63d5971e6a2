/** What a host does about a submission: decided here, from its own record and the owner's rules alone. */
import {
  type AppSpec,
  type AppSubmission,
  type ExecutingAppSpec,
  type FieldError,
} from '@porpulsion/contract'
import { refusals, type OtherUsage, type PeerRules } from '../policy/index.ts'
import { appSpecErrors } from './app-spec-errors.ts'
import { isSameContent } from './canonical-json.ts'
import { specHash } from './spec-hash.ts'

export interface SubmissionInput {
  readonly peerName: string
  readonly submission: AppSubmission
  /** Our record of the app, if there is one. */
  readonly existing: ExistingRecord | undefined
  readonly rules: PeerRules
  /** What the other apps here take. */
  readonly others: OtherUsage
}

export interface ExistingRecord {
  readonly spec: ExecutingAppSpec
  /** As submitted, with the values of its secrets; undefined when they are lost. */
  readonly whole: AppSpec | undefined
  readonly isDeleting: boolean
  readonly hasRefusedUpdate: boolean
}

export type SubmissionDecision =
  /** The spec is not what its hash says: a defect, or a hand in the middle. */
  | { readonly kind: 'hash-mismatch' }
  | { readonly kind: 'being-deleted' }
  /** Overtaken by a later generation that is here already. */
  | { readonly kind: 'outdated'; readonly recorded: number }
  /** Runs as submitted; the record may still have to learn the generation. */
  | { readonly kind: 'agreed'; readonly isRecorded: boolean }
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }
  /** Somebody here has to approve it. */
  | { readonly kind: 'held'; readonly isRecorded: boolean }
  | { readonly kind: 'accepted' }

export function decideSubmission(input: SubmissionInput): SubmissionDecision {
  const { submission, existing } = input
  if (specHash(submission) !== submission.specHash) return { kind: 'hash-mismatch' }
  if (existing?.isDeleting === true) return { kind: 'being-deleted' }
  const outdatedBy = existing && outdatedBySubmitted(submission, existing.spec)
  if (outdatedBy !== undefined) return { kind: 'outdated', recorded: outdatedBy }
  // What runs was admitted when it came; it is judged again when it changes, not when it is only named again.
  if (existing !== undefined && runsAs(submission, existing) && existing.whole !== undefined)
    return { kind: 'agreed', isRecorded: isRecorded(submission, existing) }
  const [refusal, ...others] = judge(input)
  if (refusal !== undefined) {
    // Who mends the first should not have to find out about the next by trying.
    const more = others.map(({ message }) => `; besides: ${message}`).join('')
    return { kind: 'refused', reason: refusal.reason, message: refusal.message + more }
  }
  return needsApproval(input) ? held(submission, existing?.spec) : { kind: 'accepted' }
}

export interface Objection {
  readonly reason: string
  readonly message: string
}

/** Everything that stands against it. */
export function judge({ submission, rules, peerName, others }: SubmissionInput): Objection[] {
  const errors = appSpecErrors(submission.spec)
  if (errors.length > 0) return [{ reason: 'InvalidSpec', message: listed(errors) }]
  return [...refusals({ peerName, spec: submission.spec, others }, rules)]
}

/**
 * What was approved is what runs: everything else has to be asked for, but what runs already, and a change of its
 * replicas alone where the owner lets those pass.
 */
export function needsApproval({ rules, submission, existing }: SubmissionInput): boolean {
  if (!rules.approval.required) return false
  if (existing === undefined || existing.spec.hold !== undefined) return true
  if (existing.spec.specHash === submission.specHash) return false
  if (existing.whole === undefined) return true
  return !isSameContent(
    toApprove(existing.whole, rules.approval.exemptReplicaChanges),
    toApprove(submission.spec, rules.approval.exemptReplicaChanges),
  )
}

function toApprove({ replicas, ...spec }: AppSpec, exemptReplicas: boolean): unknown {
  return exemptReplicas ? spec : { ...spec, replicas: replicas ?? 1 }
}

/** The same spec may wait already, or have been rejected: that stands until it changes. */
function held(
  { specHash: hash, generation }: AppSubmission,
  recorded: ExecutingAppSpec | undefined,
): SubmissionDecision {
  const waiting = recorded && heldPart(recorded)
  if (waiting?.specHash !== hash) return { kind: 'held', isRecorded: false }
  const { state } = waiting.hold
  if (state === 'Rejected')
    return { kind: 'refused', reason: 'ApprovalRejected', message: rejection(waiting.hold) }
  // What was stopped asks anew.
  return {
    kind: 'held',
    isRecorded: state === 'Pending' && waiting.submitter.generation === generation,
  }
}

export type HeldPart = NonNullable<ExecutingAppSpec['update']>

/** What of a record does not run: an update, or all of it. */
export function heldPart(spec: ExecutingAppSpec): HeldPart | undefined {
  if (spec.update !== undefined) return spec.update
  return spec.hold === undefined ? undefined : { ...spec, hold: spec.hold }
}

export const rejection = ({ by = 'its owner', note }: HeldPart['hold']): string =>
  note === undefined || note === ''
    ? `Rejected by ${by} without a note`
    : `Rejected by ${by}: ${note}`

function runsAs(submission: AppSubmission, { spec, whole }: ExistingRecord): boolean {
  return spec.hold === undefined && spec.specHash === submission.specHash && isIntact(spec, whole)
}

/** Generations are comparable within one epoch only: a submitter restored from a backup starts another. */
function outdatedBySubmitted(
  submission: AppSubmission,
  { submitter, update }: ExecutingAppSpec,
): number | undefined {
  const newest = update?.submitter ?? submitter
  const isOutdated = submission.epoch === newest.epoch && submission.generation < newest.generation
  return isOutdated ? newest.generation : undefined
}

function isRecorded({ generation }: AppSubmission, existing: ExistingRecord): boolean {
  return (
    existing.spec.submitter.generation === generation &&
    existing.spec.update === undefined &&
    !existing.hasRefusedUpdate
  )
}

const MAX_LISTED = 5

/** `spec.env[0]: …; spec.ports[1].name: …` */
export function listed(errors: readonly FieldError[]): string {
  const lines = errors.slice(0, MAX_LISTED).map(({ path, message }) => `${path}: ${message}`)
  const more = errors.length - lines.length
  return lines.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

/** Whether a record with its secret values still is what its hash says. Never throws. */
export function isIntact(
  record: Pick<ExecutingAppSpec, 'submitter' | 'restartedAt' | 'specHash'>,
  spec: AppSpec | undefined,
): boolean {
  if (spec === undefined) return false
  const { submitter, restartedAt } = record
  return specHash({ name: submitter.name, restartedAt, spec }) === record.specHash
}
