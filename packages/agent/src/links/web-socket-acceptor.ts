import type { KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { PorpulsionError, toProblem } from '@porpulsion/contract'
import { WebSocketServer, type WebSocket } from 'ws'
import { maxReceivedMessageBytes, messagePieces, WebSocketDuplex } from '@porpulsion/streams'
import { ANYONE, type Audit } from '../audit/index.ts'
import type { Clock, Logger, Tasks } from '../observability/index.ts'
import {
  casOf,
  readCaCertificate,
  type CaCertificate,
  type KnownPeer,
  type PeerDirectory,
  type PinnedCa,
} from '../peers/index.ts'
import { caHeader, channelSubprotocol, RefusalCode } from './channel-upgrade.ts'
import { explainHandshake, timeHeader } from './clock-difference.ts'
import { DialProofs, proofHeader } from './dial-proof.ts'
import type { HandshakeGate } from './handshake-gate.ts'
import { HandshakeError, secureAsAcceptor } from './inner-tls.ts'
import type { LinkMetrics } from './link-metrics.ts'
import type { OwnLeaves } from './own-leaves.ts'
import { tlsConnection, type SecureConnection } from './secure-connection.ts'

export interface WebSocketAcceptorDeps {
  readonly directory: PeerDirectory
  readonly leaves: OwnLeaves
  /** Fingerprint of the CA by which this peer knows us. */
  readonly ownCa: (peer: KnownPeer) => string
  readonly gate: HandshakeGate
  readonly clock: Clock
  readonly logger: Logger
  readonly audit: Audit
  readonly tasks: Tasks
  readonly metrics: LinkMetrics | undefined
  /** A connection whose other end has proven to be this peer. `greeted` when its Hello came, or it ended. */
  readonly onConnection: (
    peer: KnownPeer,
    connection: SecureConnection,
    greeted: () => void,
  ) => void
}

/** Whom a caller says it is: the CA picks the peer, and is the only one that may prove it. */
interface Claim {
  readonly peer: KnownPeer
  readonly ca: PinnedCa
  readonly key: KeyObject
}

/** From the upgrade to the end of the inner handshake. The Hello has a limit of its own, the session's. */
const handshakeTimeoutMs = 10_000

export interface WebSocketAcceptor {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Refuses from here on. */
  stop(): void
}

export function createWebSocketAcceptor(deps: WebSocketAcceptorDeps): WebSocketAcceptor {
  const { directory, gate, clock, logger, tasks } = deps
  const proofs = new DialProofs()
  let isStopped = false
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxReceivedMessageBytes,
    ...messagePieces,
    handleProtocols: () => channelSubprotocol,
  })
  server.on('headers', (headers) => {
    headers.push(`${timeHeader}: ${new Date(clock.now()).toISOString()}`)
  })

  /** Everything here is said by a stranger: the header picks which CA must sign, and nothing else. */
  function judge(request: IncomingMessage): Claim | PorpulsionError {
    if (isStopped) return unavailable()
    if (!offersChannel(request)) return wrongSubprotocol()
    const header = request.headers[caHeader]
    const der = Buffer.from(typeof header === 'string' ? header : '', 'base64')
    const reading = readCaCertificate(der)
    if (reading.kind === 'invalid') return unknownCaller()
    return claimOf(reading.ca) ?? unknownCaller()
  }

  function claimOf({ fingerprint, publicKey: key }: CaCertificate): Claim | undefined {
    const peer = directory.byCa(fingerprint)
    const ca = peer && casOf(peer).find((known) => known.fingerprint === fingerprint)
    return peer && ca && { peer, ca, key }
  }

  /** It holds the key of the CA it shows, as far as one can tell before the inner TLS. */
  function isSigned({ headers }: IncomingMessage, { peer, ca, key }: Claim): boolean {
    const { [proofHeader]: proof, [timeHeader]: time } = headers
    if (typeof proof !== 'string' || typeof time !== 'string') return false
    const facts = { time, dialler: ca.fingerprint, acceptor: deps.ownCa(peer) }
    return proofs.isFresh(facts, proof, { key, peer: peer.fingerprint, nowMs: clock.now() })
  }

  async function secure(
    { peer, ca }: Claim,
    webSocket: WebSocket,
    request: IncomingMessage,
    leave: () => void,
  ): Promise<void> {
    const duplex = new WebSocketDuplex(webSocket)
    const cancel = clock.setTimeout(
      () => duplex.endWith(RefusalCode.Late, 'The inner TLS took too long'),
      handshakeTimeoutMs,
    )
    try {
      const { ca: ownCa, leaf } = await deps.leaves.for(peer)
      const { fingerprint, certificatePem: caCertificatePem } = ca
      const secured = await secureAsAcceptor(duplex, { leaf, fingerprint, caCertificatePem })
      // Removed while it proved itself, or this CA of it given up.
      if (directory.byCa(fingerprint)?.fingerprint !== peer.fingerprint)
        throw new HandshakeError('NotThePeer', 'This agent does not know you as a peer any more')
      const transport = isForwardedHttps(request) ? 'wss' : 'ws'
      deps.onConnection(
        peer,
        tlsConnection(secured, duplex, {
          direction: 'inbound',
          transport,
          leaf,
          ownCa: ownCa.fingerprint,
          peer: { fingerprint, caCertificatePem },
        }),
        leave,
      )
    } catch (error) {
      leave()
      refuse(duplex, error, peer, request)
    } finally {
      cancel()
    }
  }

  function refuse(
    duplex: WebSocketDuplex,
    error: unknown,
    peer: KnownPeer,
    request: IncomingMessage,
  ): void {
    const failure =
      error instanceof HandshakeError
        ? error
        : new HandshakeError('Broken', 'Internal error', error)
    deps.metrics?.handshakeRefused()
    const theirs = request.headers[timeHeader]
    const times = {
      oursMs: clock.now(),
      theirs: typeof theirs === 'string' ? theirs : undefined,
    }
    const whose = 'the caller, by the clock here,'
    const message = explainHandshake(failure, whose, times)
    const remoteAddress = request.socket.remoteAddress
    recordRefusal(request, failure.failure, peer.name)
    // Anybody can claim to be a peer: this is news of a caller, not of the peer.
    logger.info({ claimed: peer.name, remoteAddress, reason: message }, 'Refused a handshake')
    const isClock =
      failure.failure === 'CertificateExpired' || failure.failure === 'CertificateNotYetValid'
    duplex.endWith(
      isClock ? RefusalCode.Certificate : RefusalCode.Unproven,
      isClock
        ? explainHandshake(failure, whose, { ...times, isBrief: true })
        : 'You did not prove to be the peer you claim to be',
    )
  }

  /** `claimed`: whom the caller says it is; anybody can. */
  function recordRefusal(request: IncomingMessage, reason: string, claimed?: string): void {
    const { remoteAddress } = request.socket
    deps.audit.record({
      actor: ANYONE,
      action: 'openSession',
      ...(claimed !== undefined && { peer: claimed }),
      outcome: 'refused',
      reason,
      ...(remoteAddress !== undefined && { from: remoteAddress }),
    })
  }

  return {
    accept(request, socket, head) {
      socket.on('error', () => socket.destroy())
      const judged = judge(request)
      if (judged instanceof PorpulsionError) {
        if (judged.kind === 'Forbidden') recordRefusal(request, judged.code)
        answer(socket, judged)
        return
      }
      const leave = gate.enter({
        claimed: judged.peer.fingerprint,
        address: request.socket.remoteAddress ?? '',
        isSigned: isSigned(request, judged),
      })
      if (leave === undefined) {
        answer(socket, tooManyHandshakes())
        return
      }
      // Left also when `ws` itself refuses the upgrade and never calls back.
      socket.once('close', leave)
      server.handleUpgrade(request, socket, head, (webSocket) =>
        tasks.run('accept a session', () => secure(judged, webSocket, request, leave)),
      )
    },
    stop() {
      isStopped = true
    },
  }
}

function offersChannel(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((protocol) => protocol.trim() === channelSubprotocol)
}

/** What the ingress says of the outer connection; shown to people, decides nothing. */
function isForwardedHttps(request: IncomingMessage): boolean {
  return request.headers['x-forwarded-proto'] === 'https'
}

/** A plain HTTP answer, before any upgrade. */
function answer(socket: Duplex, error: PorpulsionError): void {
  const problem = toProblem(error)
  const body = JSON.stringify(problem)
  const retry =
    error.retryAfterSeconds === undefined ? '' : `Retry-After: ${error.retryAfterSeconds}\r\n`
  socket.end(
    `HTTP/1.1 ${problem.status} ${error.kind}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${retry}Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

/** The same for unknown and for removed: a CA certificate is public, and who holds one learns nothing here. */
const unknownCaller = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'PeerRevoked',
    'This agent does not know your CA as a peer: you were removed, or never added. You can come (back) with a new invite',
  )

const wrongSubprotocol = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'UnsupportedVersion',
    `This agent speaks the subprotocol ${channelSubprotocol} only`,
  )

const tooManyHandshakes = (): PorpulsionError =>
  new PorpulsionError('Unavailable', 'LinkDown', 'Too many handshakes are under way; try again', {
    retryAfterSeconds: 2,
  })

const unavailable = (): PorpulsionError =>
  new PorpulsionError('Unavailable', 'LinkDown', 'This agent is stopping', { retryAfterSeconds: 2 })
