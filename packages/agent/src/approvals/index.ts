/**
 * What waits for the owner's word, whatever it is: one queue over the features that keep such things, each of which
 * says what is its own (`ApprovalSource`).
 *
 * Must not know what an approval lets happen.
 */
export { approvalHandlers } from './approval-routes.ts'
export type { ApprovalSource, Verdict } from './approval-source.ts'
