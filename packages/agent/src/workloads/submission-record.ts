import type { AppVerdict, StatusReport } from '@porpulsion/contract'

/** What a host said to one submission. Holds for that spec hash, whatever the generation. */
export interface HostVerdict extends AppVerdict {
  readonly specHash: string
}

export interface ReceivedReport {
  readonly report: StatusReport
  readonly receivedAtMs: number
}

/** Why an app cannot be brought to its host at present; the reason and message of its `Synced` condition. */
export interface Obstacle {
  readonly reason: string
  readonly message: string
}

/**
 * What the submitter knows of one app beside its resource. Only in memory: after a restart the inventory of the host
 * and idempotent submissions bring all of it back.
 */
export interface SubmissionRecord {
  readonly verdict?: HostVerdict | undefined
  readonly report?: ReceivedReport | undefined
  /** The spec that the status its resource shows is of, where the host's inventory said so and no report since. */
  readonly shownSpecHash?: string | undefined
  /** The last attempt failed for another reason than the link. */
  readonly failure?: Obstacle | undefined
  /** What the host said was left when it was last asked to delete. */
  readonly remaining?: readonly string[] | undefined
}

export const emptyRecord: SubmissionRecord = {}
