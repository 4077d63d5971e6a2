import type { Approval } from '@porpulsion/contract'

/** What to look at after this one: the next that waits, from its place on, and then from the top. */
export function nextWaiting(items: readonly Approval[], decided: Approval): Approval | undefined {
  const place = items.findIndex(({ id }) => id === decided.id)
  const around = [...items.slice(place + 1), ...items.slice(0, Math.max(0, place))]
  return around.find(({ id, state }) => state === 'Pending' && id !== decided.id)
}

/**
 * What may be approved without looking at it one by one: a tunnel is its app and port, which the list shows whole. An app is
 * more than its image, and nobody approves what they were not shown.
 */
export const isApprovableUnseen = ({ kind, state }: Approval): boolean =>
  kind === 'Tunnel' && state === 'Pending'
