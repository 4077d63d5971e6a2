/** What people should hear of a link, decided from how it is now. */
import type { NewNotification, Trouble } from '../notifications/index.ts'
import type { KnownPeer, LinkView } from '../peers/index.ts'

type Reason = Extract<
  NewNotification['reason'],
  | 'LinkLost'
  | 'RemovedByPeer'
  | 'CertificateRefused'
  | 'OuterCertificateRefused'
  | 'CertificateNotRenewed'
  | 'OuterCertificateExpiring'
  | 'ClockDiffers'
  | 'IdentityExpiring'
>

/** What is neither raised nor over stays as it is. */
export interface LinkAlarms {
  readonly raise: readonly NewNotification[]
  readonly over: readonly Reason[]
}

/** Ingresses reload and nodes restart: what is back within this time was no news. */
export const LINK_LOST_MS = 5 * 60_000
/** A peer that is being set up refuses for a moment, and means nothing by it. */
export const TROUBLE_MS = 60_000
const DAY_MS = 24 * 60 * 60_000
const OUTER_EXPIRING_MS = 3 * DAY_MS
/** Certificates tolerate an hour. */
const CLOCK_MS = 5 * 60_000
const IDENTITY_MS = 180 * DAY_MS

const whileDown = [
  'LinkLost',
  'RemovedByPeer',
  'CertificateRefused',
  'OuterCertificateRefused',
] as const satisfies readonly Reason[]

/** All that can be raised about a peer: it is over when the peer goes. */
export const linkReasons: readonly Reason[] = [
  ...whileDown,
  'CertificateNotRenewed',
  'OuterCertificateExpiring',
  'ClockDiffers',
  'IdentityExpiring',
]

export function linkAlarms(peer: KnownPeer, view: LinkView, nowMs: number): LinkAlarms {
  // Until both operators said yes there is nothing to lose.
  if (!peer.confirmed) return { raise: [], over: [] }
  const isUp = view.state === 'Connected' || view.state === 'Suspect'
  const { raise, over } = isUp ? upAlarms(peer, view, nowMs) : downAlarms(peer, view, nowMs)
  return { raise: raise.map((alarm) => ({ ...alarm, about: aboutPeer(peer) })), over }
}

export const aboutPeer = ({ name, uid }: KnownPeer): NonNullable<Trouble['about']> => ({
  kind: 'Peer',
  name,
  uid,
})

function downAlarms(
  { name }: KnownPeer,
  { state, sinceMs, message, trouble }: LinkView,
  nowMs: number,
): LinkAlarms {
  const downMs = nowMs - sinceMs
  const why = message ?? `it is ${state}`
  const raise: NewNotification[] = []
  if (downMs >= LINK_LOST_MS)
    raise.push(
      warning(
        'LinkLost',
        `The link to peer "${name}" has been down since ${timeOf(sinceMs)}: ${why}`,
      ),
    )
  if (trouble !== undefined && downMs >= TROUBLE_MS)
    raise.push(
      warning(trouble, `The link to peer "${name}" will not come up as things are: ${why}`),
    )
  return { raise, over: [] }
}

function upAlarms({ name }: KnownPeer, view: LinkView, nowMs: number): LinkAlarms {
  const { certificatesOverdueMs, outerCertificateEndsMs, clockDifferenceMs, direction } = view
  const raise: NewNotification[] = []
  const over: Reason[] = [...whileDown]
  const judge = (isTrouble: boolean, reason: Reason, message: () => string): void => {
    if (isTrouble) raise.push(warning(reason, message()))
    else over.push(reason)
  }
  if (certificatesOverdueMs !== undefined)
    judge(
      nowMs > certificatesOverdueMs,
      'CertificateNotRenewed',
      () =>
        `The session with peer "${name}" should have been replaced by now; its certificates end at ${timeOf(view.certificatesEndMs ?? Infinity)}`,
    )
  // Only who dials sees what stands in front of the other.
  if (direction === 'outbound')
    judge(
      (outerCertificateEndsMs ?? Infinity) - nowMs < OUTER_EXPIRING_MS,
      'OuterCertificateExpiring',
      () =>
        `The certificate of the ingress in front of peer "${name}" ends at ${timeOf(outerCertificateEndsMs ?? 0)}`,
    )
  if (clockDifferenceMs !== undefined)
    judge(
      Math.abs(clockDifferenceMs) >= CLOCK_MS,
      'ClockDiffers',
      () =>
        `The clock of peer "${name}" is ${Math.round(Math.abs(clockDifferenceMs) / 60_000)} minutes ${clockDifferenceMs > 0 ? 'ahead of' : 'behind'} ours`,
    )
  return { raise, over }
}

/** `whose`: "this agent", `peer "b"`. */
export function identityAlarm(
  whose: string,
  endsMs: number,
  nowMs: number,
): NewNotification | undefined {
  if (endsMs - nowMs >= IDENTITY_MS) return undefined
  return warning(
    'IdentityExpiring',
    `The CA certificate of ${whose} ends at ${timeOf(endsMs)}; peer again with a new identity before, or its links end then`,
  )
}

const warning = (reason: Reason, message: string): NewNotification => ({
  reason,
  message,
  severity: 'warning',
})

function timeOf(ms: number): string {
  return Number.isFinite(ms)
    ? new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
    : 'an unknown time'
}
