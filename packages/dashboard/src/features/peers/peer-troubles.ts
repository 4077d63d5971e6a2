/** What is wrong between us and a peer at this moment. */
import { notificationReasons, type Notification, type Peer } from '@porpulsion/contract'
import { trustOf } from './link-words.ts'
import { sentence } from './sentence.ts'

export interface PeerTrouble {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly todo?: string
  readonly since?: string
}

const titles: Readonly<Record<string, string>> = {
  RemovedByPeer: 'The other side removed us',
  CertificateRefused: 'Certificates do not fit',
  CertificateNotRenewed: 'A certificate was not renewed',
  OuterCertificateRefused: 'The certificate of its ingress is refused',
  OuterCertificateExpiring: 'The certificate of its ingress ends soon',
  ClockDiffers: 'The two clocks differ',
  IdentityExpiring: 'An identity ends soon',
}

/** Told already by the state of the link. */
const ofTheLink = ['LinkLost', 'PeerAwaitingConfirmation']

/** What lasts is told as notifications until it is over; a link that is down says so itself, at once. */
export function troublesOf(
  peer: Peer,
  notifications: readonly Notification[],
): readonly PeerTrouble[] {
  const open = notifications.filter(
    ({ about, reason, resolvedAt, acknowledgedAt }) =>
      about?.kind === 'Peer' &&
      about.name === peer.metadata.name &&
      resolvedAt === undefined &&
      acknowledgedAt === undefined &&
      !ofTheLink.includes(reason),
  )
  return [
    ...linkDown(peer),
    ...open.map(({ id, reason, message, time }) => {
      const todo = todoOf(reason)
      return {
        id,
        title: titles[reason] ?? reason,
        text: message,
        since: time,
        ...(todo !== undefined && { todo }),
      }
    }),
  ]
}

function linkDown(peer: Peer): readonly PeerTrouble[] {
  const { link, linkMessage, since } = peer.status ?? {}
  if (link !== 'Disconnected' || trustOf(peer) !== 'both') return []
  return [
    {
      id: 'link',
      title: 'The link is down',
      text: `${sentence(linkMessage ?? 'Nothing is known of the reason')} Apps on both sides go on running; what changes meanwhile follows when the link is back.`,
      ...(since !== undefined && { since }),
    },
  ]
}

/** Reasons of a newer agent are not known to this page. */
function todoOf(reason: string): string | undefined {
  if (!Object.hasOwn(notificationReasons, reason)) return undefined
  return notificationReasons[reason as keyof typeof notificationReasons].todo // just found there
}
