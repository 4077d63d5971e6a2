import {
  PeerConditionType,
  type Condition,
  type ConditionStatus,
  type PeerStatus,
} from '@porpulsion/contract'
import type { LinkView } from './link-view.ts'
import type { PeerStanding } from './peer-standing.ts'
import type { StoredPeer } from './peer-store.ts'
import { isoSeconds } from './iso-seconds.ts'

export interface PeerStatusInput {
  readonly peer: StoredPeer
  readonly standing: PeerStanding | undefined
  /** Undefined for a peer that gets no link. */
  readonly link: LinkView | undefined
  readonly words: string | undefined
  readonly nowMs: number
}

/** All of a Peer's status, from what is true now. Conditions keep their times through the old status. */
export function peerStatus(input: PeerStatusInput): PeerStatus {
  const { peer, standing, link, words } = input
  const old = peer.status
  const fingerprint = fingerprintOf(standing) ?? old?.fingerprint
  const refused = standing?.kind === 'refused' ? standing : undefined
  const message = refused?.message ?? link?.message
  const confirmedByPeer = link?.confirmedByPeer ?? old?.confirmedByPeer
  const agentVersion = link?.agentVersion ?? old?.agentVersion
  return {
    ...(fingerprint !== undefined && { fingerprint }),
    ...casIn(standing, old),
    ...(words !== undefined && { words }),
    link: refused === undefined ? (link?.state ?? 'Connecting') : 'Disconnected',
    ...(message !== undefined && { linkMessage: message }),
    ...(link?.transport !== undefined && { transport: link.transport }),
    ...(link?.direction !== undefined && { direction: link.direction }),
    ...(link?.latencyMs !== undefined && { latencyMs: Math.round(link.latencyMs) }),
    ...(link !== undefined && { since: isoSeconds(link.sinceMs) }),
    ...(link?.remoteName !== undefined && { remoteName: link.remoteName }),
    ...(agentVersion !== undefined && { agentVersion }),
    ...(confirmedByPeer !== undefined && { confirmedByPeer }),
    conditions: conditions(input, confirmedByPeer),
  }
}

/** Whether a reader would miss the difference: latency trembles, and each write wakes every watcher. */
export function isWorthWriting(old: PeerStatus | undefined, next: PeerStatus): boolean {
  if (old === undefined) return true
  const { latencyMs: before = 0, ...oldRest } = old
  const { latencyMs: now = 0, ...nextRest } = next
  if (Math.abs(now - before) > Math.max(5, 0.3 * before)) return true
  return canonical(oldRest) !== canonical(nextRest)
}

type Observed = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>

function conditions(input: PeerStatusInput, confirmedByPeer: boolean | undefined): Condition[] {
  const confirmed = confirmedCondition(input, confirmedByPeer)
  const connected = connectedCondition(input)
  return [confirmed, connected, readyCondition(confirmed, connected)].map((observed) =>
    withTimes(input, observed),
  )
}

function confirmedCondition(
  { peer, standing }: PeerStatusInput,
  confirmedByPeer: boolean | undefined,
): Observed {
  const type = PeerConditionType.Confirmed
  if (standing?.kind === 'refused')
    return { type, status: 'False', reason: standing.reason, message: standing.message }
  if (peer.spec.confirmed !== true)
    return {
      type,
      status: 'False',
      reason: 'AwaitingConfirmation',
      message: `Compare the six words with the operator of the other cluster, then run: porpulsion peer confirm ${peer.metadata.name}`,
    }
  if (confirmedByPeer === undefined)
    return {
      type,
      status: 'Unknown',
      reason: 'NeverConnected',
      message: 'Confirmed here; whether the peer confirmed us is known once the link was up',
    }
  return confirmedByPeer
    ? { type, status: 'True', reason: 'Confirmed', message: 'Both operators confirmed' }
    : {
        type,
        status: 'False',
        reason: 'AwaitingPeer',
        message: 'Confirmed here; the operator of the other cluster has not confirmed us yet',
      }
}

function connectedCondition({ standing, link }: PeerStatusInput): Observed {
  const type = PeerConditionType.Connected
  if (standing?.kind === 'refused')
    return { type, status: 'False', reason: standing.reason, message: standing.message }
  const state = link?.state ?? 'Connecting'
  const status: Record<typeof state, ConditionStatus> = {
    Connected: 'True',
    Suspect: 'Unknown',
    Connecting: 'False',
    Disconnected: 'False',
  }
  return {
    type,
    status: status[state],
    reason: state,
    message: link?.message ?? `The link is ${state}`,
  }
}

function readyCondition(confirmed: Observed, connected: Observed): Observed {
  const type = PeerConditionType.Ready
  const lacking = [confirmed, connected].find(({ status }) => status !== 'True')
  return lacking === undefined
    ? { type, status: 'True', reason: 'Ready', message: 'Confirmed and connected' }
    : { ...lacking, type }
}

/** `lastTransitionTime` moves only with `status`. */
function withTimes({ peer, nowMs }: PeerStatusInput, observed: Observed): Condition {
  const old = peer.status?.conditions.find(({ type }) => type === observed.type)
  const { generation } = peer.metadata
  return {
    ...observed,
    ...(generation !== undefined && { observedGeneration: generation }),
    lastTransitionTime:
      old?.status === observed.status ? old.lastTransitionTime : isoSeconds(nowMs),
  }
}

function fingerprintOf(standing: PeerStanding | undefined): string | undefined {
  // A refused one keeps what was pinned: writing the new one would make the exchange stick.
  return standing?.kind === 'refused' ? undefined : standing?.peer?.fingerprint
}

/** A refused one keeps what it had proven: what its Peer says now does not count. */
function casIn(standing: PeerStanding | undefined, old: PeerStatus | undefined): CasShown {
  if (standing === undefined || standing.kind === 'refused' || standing.chain === undefined)
    return {
      ...(old?.caFingerprint !== undefined && { caFingerprint: old.caFingerprint }),
      ...(old?.identityRenewedAt !== undefined && { identityRenewedAt: old.identityRenewedAt }),
    }
  const { current, next, renewedAt } = standing.chain
  return {
    ...(renewedAt !== undefined && {
      caFingerprint: current.fingerprint,
      identityRenewedAt: renewedAt,
    }),
    ...(next !== undefined && { nextCaFingerprint: next.fingerprint }),
  }
}

type CasShown = Pick<PeerStatus, 'caFingerprint' | 'nextCaFingerprint' | 'identityRenewedAt'>

/** The order of keys is the writer's business, not a change. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a.localeCompare(b)))
      : member,
  )
}
