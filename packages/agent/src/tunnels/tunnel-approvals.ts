/** Host: which ports of which apps a peer may reach where the owner approves tunnels one by one. Kept, because apps outlive the agent. */
import { randomUUID } from 'node:crypto'
import { PorpulsionError, type Approval } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import type { CallingPeer } from '../api/index.ts'
import type { ApprovalSource, Verdict } from '../approvals/index.ts'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { NewNotification } from '../notifications/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import type { AppRecord, AppTarget } from '../policy/index.ts'
import { rulesFor } from '../policy/index.ts'
import type { SettingsStore } from '../settings/index.ts'
import type { AppTargets } from './app-ports.ts'
import { MAX_TUNNEL_APPROVALS, MAX_TUNNELS_ASKED_PER_PEER } from './limits.ts'

const TunnelApproval = Type.Object({
  id: Type.String(),
  peer: Type.Object({ name: Type.String(), fingerprint: Type.String() }),
  app: Type.Object({ uid: Type.String(), namespace: Type.String(), name: Type.String() }),
  port: Type.Integer(),
  state: Type.Enum(['Pending', 'Approved', 'Rejected']),
  since: Type.String(),
  by: Type.Optional(Type.String()),
  note: Type.Optional(Type.String()),
  /** Of a decision: when it has to be asked for again. */
  expiresAtMs: Type.Optional(Type.Number()),
})
type TunnelApproval = Static<typeof TunnelApproval>

const TunnelApprovalRecord = Type.Object({ tunnels: Type.Array(TunnelApproval) })

export interface TunnelApprovals extends ApprovalSource {
  start(signal: AbortSignal): Promise<void>
  stop(): void
  /** What was said to this port, as long as it holds. From memory. */
  stateOf(fingerprint: string, uid: string, port: number): AppTarget['approval']
  /** Puts it before the owner, once. Throws `TooManyApprovals`. */
  ask(
    peer: CallingPeer,
    app: { readonly uid: string; readonly record: AppRecord },
    port: number,
  ): void
  /** Called when a decision was taken, or ran out. */
  onChange(listener: () => void): void
}

export interface TunnelApprovalsDeps {
  /** ConfigMap `porpulsion-tunnel-approvals`. */
  readonly store: DocumentStore
  readonly targets: Pick<AppTargets, 'find'>
  readonly settings: Pick<SettingsStore, 'current'>
  readonly notify: (notification: NewNotification) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/** Timers take no more; who waits longer looks again. */
const MAX_TIMER_MS = 24 * 3_600_000

export function createTunnelApprovals(deps: TunnelApprovalsDeps): TunnelApprovals {
  const { store, targets, settings, notify, clock, logger } = deps
  const record = createStoredRecord(store, {
    schema: TunnelApprovalRecord,
    empty: { tunnels: [] },
  })
  const listeners: (() => void)[] = []
  /** On their way into the record: a browser opens six connections at once. */
  const asking = new Set<string>()
  let cancelTimer: (() => void) | undefined

  const holds = ({ expiresAtMs }: TunnelApproval): boolean =>
    expiresAtMs === undefined || expiresAtMs > clock.now()
  const current = (): TunnelApproval[] => record.current().tunnels.filter(holds)
  const find = (fingerprint: string, uid: string, port: number): TunnelApproval | undefined =>
    current().find(
      (known) =>
        known.peer.fingerprint === fingerprint && known.app.uid === uid && known.port === port,
    )

  function changed(): void {
    for (const listener of listeners) listener()
    cancelTimer?.()
    const ends = current().flatMap(({ expiresAtMs }) => expiresAtMs ?? [])
    cancelTimer =
      ends.length === 0
        ? undefined
        : clock.setTimeout(changed, Math.min(Math.min(...ends) - clock.now(), MAX_TIMER_MS))
  }

  async function add(asked: TunnelApproval): Promise<void> {
    await record.update(({ tunnels }) => {
      const kept = tunnels
        .filter(holds)
        .filter(({ peer, app }) => targets.find(peer.fingerprint, app.uid) !== undefined)
      if (kept.some((known) => keyOf(known) === keyOf(asked))) return { tunnels: kept }
      return { tunnels: [...kept, asked].slice(-MAX_TUNNEL_APPROVALS) }
    })
    await notify({
      reason: 'ApprovalWaiting',
      message: `Peer "${asked.peer.name}" wants to reach port ${asked.port} of its app "${asked.app.name}" here; it waits for approval`,
      severity: 'warning',
      about: { kind: 'Peer', name: asked.peer.name },
    })
  }

  return {
    async start(signal) {
      await record.start(signal)
      changed()
    },

    stop: () => cancelTimer?.(),

    stateOf: (fingerprint, uid, port) => find(fingerprint, uid, port)?.state,

    ask(peer, { uid, record: app }, port) {
      const { name, fingerprint } = peer
      const asked: TunnelApproval = {
        id: `tunnel-${randomUUID()}`,
        peer: { name, fingerprint },
        app: { uid, namespace: app.namespace, name: app.name },
        port,
        state: 'Pending',
        since: new Date(clock.now()).toISOString(),
      }
      const key = keyOf(asked)
      if (find(fingerprint, uid, port) !== undefined || asking.has(key)) return
      const waiting = current().filter(
        (known) => known.peer.fingerprint === fingerprint && known.state === 'Pending',
      ).length
      if (waiting + asking.size >= MAX_TUNNELS_ASKED_PER_PEER) throw tooMany()
      asking.add(key)
      add(asked)
        .catch((err: unknown) => {
          logger.error({ err, peer: name }, 'Could not keep a tunnel for approval')
        })
        .finally(() => asking.delete(key))
    },

    onChange: (listener) => void listeners.push(listener),

    list: () => current().map(approvalOf),

    show: (id) => {
      const found = current().find((known) => known.id === id)
      return Promise.resolve(found && { ...approvalOf(found), differences: [] })
    },

    async decide(id, verdict) {
      let decided: TunnelApproval | undefined
      await record.update(({ tunnels }) => ({
        tunnels: tunnels.map((known) => {
          if (known.id !== id || !holds(known)) return known
          const { approvalTtlSeconds } = rulesFor(settings.current(), known.peer.name).tunnels
          decided = decidedAs(known, verdict, clock.now() + approvalTtlSeconds * 1_000)
          return decided
        }),
      }))
      if (decided !== undefined) changed()
      return decided && approvalOf(decided)
    },
  }
}

const keyOf = ({ peer, app, port }: TunnelApproval): string =>
  `${peer.fingerprint}/${app.uid}/${port}`

function decidedAs(
  { note: _note, ...known }: TunnelApproval,
  { approved, by, note }: Verdict,
  expiresAtMs: number,
): TunnelApproval {
  const state = approved ? ('Approved' as const) : ('Rejected' as const)
  return { ...known, state, by, expiresAtMs, ...(note !== undefined && { note }) }
}

function approvalOf({ peer, expiresAtMs, ...rest }: TunnelApproval): Approval {
  return {
    ...rest,
    kind: 'Tunnel',
    peer: peer.name,
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
  }
}

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyApprovals',
    `${MAX_TUNNELS_ASKED_PER_PEER} tunnels of yours wait for approval here already`,
    { retryAfterSeconds: 30 },
  )
