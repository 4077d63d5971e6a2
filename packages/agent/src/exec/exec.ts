import type { Duplex } from 'node:stream'
import { invalidFields, PorpulsionError, type ExecQuery } from '@porpulsion/contract'
import type { Audit } from '../audit/index.ts'
import { inPeersWords, type ExecTarget, type Links } from '../links/index.ts'
import type { Clock } from '../observability/index.ts'
import type { SettingsStore } from '../settings/index.ts'
import { createExecAcceptor, type ExecAcceptor } from './exec-acceptor.ts'
import type { ExecApp, ExecApps, ExecTargets } from './exec-ports.ts'
import { MAX_COMMAND_BYTES, START_TIMEOUT_MS } from './limits.ts'
import { TerminalMessages } from './terminal-messages.ts'

export interface ExecDeps {
  readonly links: Pick<Links, 'openExec'>
  readonly apps: ExecApps
  readonly targets: ExecTargets
  readonly settings: Pick<SettingsStore, 'current' | 'onChange'>
  readonly audit: Audit
  readonly clock: Clock
  /** Our name for the peer with this fingerprint. */
  readonly peerName: (fingerprint: string) => string
}

export interface Exec {
  /** Throws `AppNotFound`, `AppAmbiguous`. */
  find(id: string, namespace: string | undefined): ExecApp
  /** Objects of type Uint8Array in both directions, as docs/protocol.md has them; the last one read is the status. */
  open(app: ExecApp, query: ExecQuery, signal: AbortSignal): Promise<Duplex>
  /** For links: a command a peer wants to run here. */
  accept: ExecAcceptor['accept']
  /** Cuts what peers run here. */
  stop(): void
}

export function createExec(deps: ExecDeps): Exec {
  const acceptor = createExecAcceptor(deps)
  return {
    find: (id, namespace) => deps.apps.resolve(id, namespace),
    async open(app, query, signal) {
      const target = targetOf(app, query)
      const { peerFingerprint } = app
      const name = deps.peerName(peerFingerprint)
      const late = new AbortController()
      const cancel = deps.clock.setTimeout(() => late.abort(notInTime(name)), START_TIMEOUT_MS)
      const until = AbortSignal.any([signal, late.signal])
      const link = await deps.links.openExec(peerFingerprint, target, until).finally(cancel)
      return new TerminalMessages(link, (error: PorpulsionError) => inPeersWords(name, error))
    },
    accept: (...asked) => acceptor.accept(...asked),
    stop: () => acceptor.stop(),
  }
}

function targetOf({ uid }: ExecApp, query: ExecQuery): ExecTarget {
  const { command, pod, container, tty = false, stdin = false, columns, rows } = query
  if (Buffer.byteLength(JSON.stringify(command)) > MAX_COMMAND_BYTES)
    throw invalidFields([{ path: 'command', message: tooLong }])
  return {
    app: uid,
    command,
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
    tty,
    stdin,
    ...(columns !== undefined && { columns }),
    ...(rows !== undefined && { rows }),
  }
}

const tooLong = `longer than ${MAX_COMMAND_BYTES / 1024} KiB; send a long script through stdin: \`app exec web -i -- sh < script\``

const notInTime = (peer: string): PorpulsionError =>
  new PorpulsionError(
    'Timeout',
    'PeerTimeout',
    `Peer "${peer}" did not start the command within ${START_TIMEOUT_MS / 1_000} s; it may still`,
  )
