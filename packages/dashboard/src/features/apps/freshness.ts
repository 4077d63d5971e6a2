import {
  AppConditionType,
  AppReason,
  type LinkStateName,
  type RemoteApp,
} from '@porpulsion/contract'

/** Whether what is shown of an app is how it is, or how it was when its peer was last heard. */
export type Freshness =
  | { readonly kind: 'current' }
  | {
      readonly kind: 'stale'
      /** When its status last said something new; never, if left out. */
      readonly asOf: string | undefined
      readonly why: StaleReason
    }

type StaleReason = 'link down' | 'peer is gone' | 'not reported yet'

/** `link`: of its peer; `gone` when there is no such peer, nothing while peers are not known yet. */
export function freshnessOf(
  { status }: Pick<RemoteApp, 'status'>,
  link: LinkStateName | 'gone' | undefined,
): Freshness {
  const synced = status?.conditions.find(({ type }) => type === AppConditionType.Synced)
  const stale = (why: StaleReason): Freshness => ({
    kind: 'stale',
    asOf: status?.observedAt,
    why,
  })
  if (link === 'gone' || synced?.reason === AppReason.PeerNotFound) return stale('peer is gone')
  // The link is known at once; what the agent concludes from it may take its time.
  if (link === 'Disconnected' || link === 'Connecting') return stale('link down')
  if (link === undefined && synced?.reason === AppReason.LinkDown) return stale('link down')
  if (status?.phase === 'Unknown')
    return stale(link === undefined ? 'link down' : 'not reported yet')
  return { kind: 'current' }
}
