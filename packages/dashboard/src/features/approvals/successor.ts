import type { Approval } from '@porpulsion/contract'

/** What took the place of something that changed while it was looked at: the same app, or port of an app. */
export const successorOf = (
  { id, kind, peer, app, port }: Approval,
  items: readonly Approval[],
): Approval | undefined =>
  items.find(
    (item) =>
      item.id !== id &&
      item.kind === kind &&
      item.peer === peer &&
      item.app.uid === app.uid &&
      item.port === port,
  )
