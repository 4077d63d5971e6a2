/** What workloads need of the features beside and below them, as narrow as they need it. */
import type { ApiEvent, Settings } from '@porpulsion/contract'
import type { Links } from '../links/index.ts'
import type { NewNotification, Notifications } from '../notifications/index.ts'
import type { KnownPeer, LinkView, PeerDirectory } from '../peers/index.ts'

export type PeerLinks = Pick<Links, 'view' | 'onChange' | 'call' | 'stream'>
export type Directory = Pick<PeerDirectory, 'byName' | 'byFingerprint' | 'list' | 'onChange'>
export type Notify = (notification: NewNotification) => Promise<void>
/** For what lasts. */
export type Alarms = Pick<Notifications, 'raise' | 'resolve'>
export type PublishEvent = (event: ApiEvent) => void

export interface SettingsInForce {
  current(): Settings
  onChange(listener: () => void): () => void
}

/** A session is there that can carry requests. A suspect one may recover, and nothing is lost by trying. */
function isUp({ state }: LinkView): boolean {
  return state === 'Connected' || state === 'Suspect'
}

/** Requests are answered only once both operators have confirmed. */
export function canTalk(peer: KnownPeer, view: LinkView): boolean {
  return isUp(view) && peer.confirmed && view.confirmedByPeer !== false
}
