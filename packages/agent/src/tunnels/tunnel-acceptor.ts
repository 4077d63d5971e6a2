import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { PeerStreams, type CallingPeer } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import { authorize, rulesFor } from '../policy/index.ts'
import type { SettingsStore } from '../settings/index.ts'
import type { AppTargets } from './app-ports.ts'
import { MAX_STREAMS_PER_PEER } from './limits.ts'
import type { TunnelApprovals } from './tunnel-approvals.ts'

export interface TunnelTarget {
  /** uid of the app at its submitter. */
  readonly app: string
  readonly port: number
}

/** The host's end of tunnels. */
export interface TunnelAcceptor {
  /** Connects a peer to a port of its own app, if the owner's rules let it; a refusal is thrown for the peer to read. */
  accept(peer: CallingPeer, target: TunnelTarget, signal: AbortSignal): Promise<Duplex>
  /** Cuts every stream. */
  stop(): void
}

export function createTunnelAcceptor(deps: {
  readonly targets: AppTargets
  readonly settings: Pick<SettingsStore, 'current' | 'onChange'>
  readonly approvals: Pick<TunnelApprovals, 'stateOf' | 'ask' | 'onChange'>
  readonly audit: Audit
}): TunnelAcceptor {
  const { targets, settings, approvals, audit } = deps
  const streams = new PeerStreams({ maxPerPeer: MAX_STREAMS_PER_PEER, refusal, cut })

  function refusal(peer: CallingPeer, { app, port }: TunnelTarget): PorpulsionError | undefined {
    const record = targets.find(peer.fingerprint, app)
    const rules = rulesFor(settings.current(), peer.name)
    const approval = approvals.stateOf(peer.fingerprint, app, port)
    const wanted = { port, ...(approval && { approval }) }
    const access = authorize(peer, 'open-tunnel', record, wanted, rules)
    return access.allowed
      ? undefined
      : new PorpulsionError(access.kind, access.code, access.message)
  }

  function askFor(peer: CallingPeer, { app, port }: TunnelTarget): void {
    const record = targets.find(peer.fingerprint, app)
    if (record !== undefined) approvals.ask(peer, { uid: app, record }, port)
  }

  /** A browser opens many: what repeats within a minute is one entry. */
  function record(peer: CallingPeer, { app, port }: TunnelTarget, refused?: PorpulsionError): void {
    const name = targets.find(peer.fingerprint, app)?.name
    audit.record(
      {
        actor: peerActor(peer.name),
        action: 'openTunnel',
        about: `app/${name === undefined ? app : `${name},${app}`}:${port}`,
        outcome: refused === undefined ? 'done' : 'refused',
        ...(refused && { reason: refused.code }),
      },
      'frequent',
    )
  }

  const unsubscribe = [
    settings.onChange(() => streams.cutForbidden()),
    // Its pods may take half a minute to go.
    targets.onChange((fingerprint, uid) => streams.cutForbiddenIn(fingerprint, uid)),
  ]
  approvals.onChange(() => streams.cutForbidden())

  return {
    async accept(peer, target, signal) {
      const before = refusal(peer, target) ?? (streams.isFull(peer) ? tooMany() : undefined)
      if (before !== undefined) {
        record(peer, target, before)
        if (before.code === 'ApprovalPending') askFor(peer, target)
        throw before
      }
      const { stream } = await streams.start(peer, async () => ({
        stream: await targets.dial(peer.fingerprint, target.app, target.port, signal),
      }))
      streams.hold(peer, target, stream)
      // The rules may have changed while we dialled.
      const after = refusal(peer, target)
      record(peer, target, after)
      if (after === undefined) return stream
      cut(stream, after)
      throw after
    },
    stop() {
      for (const leave of unsubscribe) leave()
      streams.cutAll()
    },
  }
}

/** The peer is told why. The app sees a reset: FIN would be the end of what was sent, and it would take that for all. */
function cut(stream: Duplex, error: PorpulsionError): void {
  if (!(stream instanceof Socket)) {
    stream.destroy(error)
    return
  }
  // Said before the socket goes, because a reset has no room for a reason.
  stream.emit('error', error)
  stream.resetAndDestroy()
}

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `This cluster keeps at most ${MAX_STREAMS_PER_PEER} connections to your apps open`,
    { retryAfterSeconds: 1 },
  )
