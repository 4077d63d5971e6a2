import type { AppSpec } from '@porpulsion/contract'
import { contentHash } from './canonical-json.ts'

export interface HashedSubmission {
  readonly name: string
  readonly restartedAt?: string | undefined
  /** Normalised, secret values included. */
  readonly spec: AppSpec
}

/**
 * What was submitted, as one value: both sides compute it, and what it does not change needs no word between them. The
 * spec goes in as it travels, so that agents whose defaults differ still agree.
 */
export function specHash({ name, restartedAt, spec }: HashedSubmission): string {
  return contentHash({ name, restartedAt, spec })
}
