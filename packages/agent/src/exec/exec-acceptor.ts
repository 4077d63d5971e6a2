import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { PeerStreams, type CallingPeer } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { ExecTarget } from '../links/index.ts'
import { authorize, rulesFor } from '../policy/index.ts'
import type { SettingsStore } from '../settings/index.ts'
import { firstWord } from './command-words.ts'
import type { ExecTargets, RunningCommand } from './exec-ports.ts'
import { FramedCommand } from './framed-command.ts'
import { MAX_COMMANDS_PER_PEER } from './limits.ts'

/** The host's end of commands. */
export interface ExecAcceptor {
  /** Starts it in a pod of the peer's own app, if the owner's rules let it; a refusal is thrown for the peer to read. */
  accept(peer: CallingPeer, target: ExecTarget, signal: AbortSignal): Promise<Duplex>
  /** Cuts every one. */
  stop(): void
}

export function createExecAcceptor(deps: {
  readonly targets: ExecTargets
  readonly settings: Pick<SettingsStore, 'current' | 'onChange'>
  readonly audit: Audit
}): ExecAcceptor {
  const { targets, settings, audit } = deps
  const streams = new PeerStreams({ maxPerPeer: MAX_COMMANDS_PER_PEER, refusal })

  function refusal(peer: CallingPeer, { app }: ExecTarget): PorpulsionError | undefined {
    const record = targets.find(peer.fingerprint, app)
    const rules = rulesFor(settings.current(), peer.name)
    const access = authorize(peer, 'exec', record, {}, rules)
    return access.allowed
      ? undefined
      : new PorpulsionError(access.kind, access.code, access.message)
  }

  /** Every one is an entry: what somebody ran in a pod is asked for one by one. */
  function record(
    peer: CallingPeer,
    { app, command }: ExecTarget,
    outcome: { readonly pod?: string; readonly refused?: PorpulsionError },
  ): void {
    const { pod, refused } = outcome
    const name = targets.find(peer.fingerprint, app)?.name
    const inApp = `app/${name === undefined ? app : `${name},${app}`}`
    audit.record({
      actor: peerActor(peer.name),
      action: 'exec',
      about: `${inApp}${pod === undefined ? '' : ` pod/${pod}`} ${firstWord(command)}`,
      outcome: refused === undefined ? 'done' : 'refused',
      ...(refused && { reason: refused.code }),
    })
  }

  const unsubscribe = [
    settings.onChange(() => streams.cutForbidden()),
    // Its pods may take half a minute to go.
    targets.onChange((fingerprint, uid) => streams.cutForbiddenIn(fingerprint, uid)),
  ]

  return {
    async accept(peer, target, signal) {
      const before = refusal(peer, target) ?? (streams.isFull(peer) ? tooMany() : undefined)
      if (before !== undefined) {
        record(peer, target, { refused: before })
        throw before
      }
      let running: RunningCommand
      try {
        running = await streams.start(peer, () =>
          targets.exec(peer.fingerprint, target.app, target, signal),
        )
      } catch (error) {
        if (error instanceof PorpulsionError) record(peer, target, { refused: error })
        throw error
      }
      const { pod } = running
      // The rules may have changed meanwhile.
      const after = refusal(peer, target)
      record(peer, target, { pod, ...(after && { refused: after }) })
      if (after !== undefined) {
        running.stream.destroy()
        throw after
      }
      const { stdin, columns: width, rows: height } = target
      const stream = new FramedCommand(running, { stdin })
      if (width !== undefined && height !== undefined)
        running.stream.write({ kind: 'resize', width, height })
      streams.hold(peer, target, stream)
      return stream
    },
    stop() {
      for (const leave of unsubscribe) leave()
      streams.cutAll()
    },
  }
}

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `This cluster runs at most ${MAX_COMMANDS_PER_PEER} of your commands at once; end one`,
    { retryAfterSeconds: 1 },
  )
