import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import type { Links } from '../links/index.ts'
import type { Clock } from '../observability/index.ts'
import type { TunnelApp } from './app-ports.ts'
import { CONNECT_TIMEOUT_MS, MAX_CONNECTIONS_PER_PORT } from './limits.ts'

/**
 * Submitter: a connection to a TCP port of one of our apps, whatever carries on from there: an HTTP request, a user's
 * port-forward, a local Service. `port` is a number the app lists (`choosePort` finds it). Resolves once the connection
 * at the pod stands; half-close works both ways, `destroy` resets. Whether the caller may is asked before; what the
 * owner of the host says is asked here, by the host.
 *
 * Throws `TooManyStreams` at the bound, `PeerTimeout`, what links throw (`LinkDown`, `PeerNotFound`, …), and the host's
 * refusals in the host's words (`TunnelsOff`, `ApprovalPending`, `AppNotReady`, `PortUnreachable`, …).
 */
export type OpenAppPort = (app: TunnelApp, port: number, signal: AbortSignal) => Promise<Duplex>

/** Of one agent there is one: the bound holds for all connections to a port together. */
export function createOpenAppPort({
  links,
  clock,
}: {
  readonly links: Pick<Links, 'openTcp'>
  readonly clock: Clock
}): OpenAppPort {
  const openByPort = new Map<string, number>()

  function count(key: string, difference: 1 | -1): void {
    const left = (openByPort.get(key) ?? 0) + difference
    if (left > 0) openByPort.set(key, left)
    else openByPort.delete(key)
  }

  return async ({ uid, name, peerFingerprint }, port, signal) => {
    const key = `${peerFingerprint}/${uid}/${port}`
    if ((openByPort.get(key) ?? 0) >= MAX_CONNECTIONS_PER_PORT) throw tooMany(name, port)
    // Counted before it stands: a burst must not get past the bound.
    count(key, 1)
    const late = new AbortController()
    const cancelTimeout = clock.setTimeout(() => late.abort(notInTime()), CONNECT_TIMEOUT_MS)
    try {
      const until = AbortSignal.any([signal, late.signal])
      const stream = await links.openTcp(peerFingerprint, { app: uid, port }, until)
      stream.once('close', () => count(key, -1))
      return stream
    } catch (error) {
      count(key, -1)
      throw error
    } finally {
      cancelTimeout()
    }
  }
}

const tooMany = (app: string, port: number): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `There are ${MAX_CONNECTIONS_PER_PORT} connections to port ${port} of app "${app}"; try again`,
    { retryAfterSeconds: 1 },
  )

const notInTime = (): PorpulsionError =>
  new PorpulsionError(
    'Timeout',
    'PeerTimeout',
    `The peer did not connect to the app within ${CONNECT_TIMEOUT_MS / 1_000} s`,
  )
