/** What a host does about a submission: decided here, from its own record and the owner's rules alone. */
import {
  type AppSpec,
  type AppSubmission,
  type ExecutingAppSpec,
  type FieldError,
} from '@porpulsion/contract'
import { admit, refusals, type PeerRules } from '../policy/index.ts'
import { appSpecErrors } from './app-spec-errors.ts'
import { specHash } from './spec-hash.ts'

export interface SubmissionInput {
  readonly peerName: string
  readonly submission: AppSubmission
  /** Our record of the app, if it runs here. */
  readonly existing: ExistingRecord | undefined
  readonly rules: PeerRules
}

export interface ExistingRecord {
  readonly spec: ExecutingAppSpec
  readonly isDeleting: boolean
  /** What is recorded still is what was submitted: nobody edited it. */
  readonly isIntact: boolean
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
  | { readonly kind: 'accepted' }

export function decideSubmission(input: SubmissionInput): SubmissionDecision {
  const { submission, existing, rules, peerName } = input
  if (specHash(submission) !== submission.specHash) return { kind: 'hash-mismatch' }
  if (existing?.isDeleting === true) return { kind: 'being-deleted' }
  if (existing !== undefined && isOutdated(submission, existing.spec))
    return { kind: 'outdated', recorded: existing.spec.submitter.generation }
  // What runs was admitted when it came; it is judged again when it changes, not when it is only named again.
  if (existing?.isIntact === true && existing.spec.specHash === submission.specHash)
    return { kind: 'agreed', isRecorded: isRecorded(submission, existing) }
  const errors = appSpecErrors(submission.spec)
  if (errors.length > 0) return { kind: 'refused', reason: 'InvalidSpec', message: listed(errors) }
  const asked = { peerName, spec: submission.spec }
  const refusal = admit(asked, rules)
  if (refusal === undefined) return { kind: 'accepted' }
  // Who mends the first should not have to find out about the next by trying.
  const [, ...others] = refusals(asked, rules)
  const more = others.map(({ message }) => `; besides: ${message}`).join('')
  return { kind: 'refused', reason: refusal.reason, message: refusal.message + more }
}

/** Generations are comparable within one epoch only: a submitter restored from a backup starts another. */
function isOutdated(submission: AppSubmission, { submitter }: ExecutingAppSpec): boolean {
  return submission.epoch === submitter.epoch && submission.generation < submitter.generation
}

function isRecorded({ generation }: AppSubmission, existing: ExistingRecord): boolean {
  return existing.spec.submitter.generation === generation && !existing.hasRefusedUpdate
}

const MAX_LISTED = 5

/** `spec.env[0]: …; spec.ports[1].name: …` */
export function listed(errors: readonly FieldError[]): string {
  const lines = errors.slice(0, MAX_LISTED).map(({ path, message }) => `${path}: ${message}`)
  const more = errors.length - lines.length
  return lines.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

/** Whether a record with its secret values still is what its hash says. Never throws. */
export function isIntact(record: ExecutingAppSpec, spec: AppSpec | undefined): boolean {
  if (spec === undefined) return false
  const { submitter, restartedAt } = record
  return specHash({ name: submitter.name, restartedAt, spec }) === record.specHash
}
