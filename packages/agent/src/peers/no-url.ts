import { PorpulsionError } from '@porpulsion/contract'

/** An invite says where to dial; without that there is nothing to say. */
export const noUrl = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'NoUrl',
    'This agent has no URL that others can reach, so it cannot invite. Give it one with --self-url or PORPULSION_SELF_URL, or let the other side invite',
  )
