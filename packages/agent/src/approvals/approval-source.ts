import type { Approval, ApprovalDetail } from '@porpulsion/contract'

/** What somebody decided. */
export interface Verdict {
  readonly approved: boolean
  /** Who. */
  readonly by: string
  readonly note?: string
}

/** A feature that keeps things until they are approved. Of ids that are not its own it answers undefined. */
export interface ApprovalSource {
  list(): readonly Approval[]
  show(id: string, signal: AbortSignal): Promise<ApprovalDetail | undefined>
  decide(id: string, verdict: Verdict, signal: AbortSignal): Promise<Approval | undefined>
}
