import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { Problem, schemaErrors } from '@porpulsion/contract'
import { WebSocket, type ClientOptions } from 'ws'
import { maxReceivedMessageBytes, messagePieces, WebSocketDuplex } from '@porpulsion/streams'
import type { Clock } from '../observability/index.ts'
import type { KnownPeer, LinkTrouble, OuterTrust, OwnCa, SeenOutside } from '../peers/index.ts'
import { caHeader, channelSubprotocol, RefusalCode } from './channel-upgrade.ts'
import { explainHandshake, timeHeader, type HandshakeTimes } from './clock-difference.ts'
import { BusyError, DialError, type Connector } from './connector.ts'
import { proofHeader, proofOfDial } from './dial-proof.ts'
import { HandshakeError, secureAsDialler } from './inner-tls.ts'
import type { OwnLeaves } from './own-leaves.ts'
import { ProxyAgent } from './proxy-agent.ts'
import { tlsConnection } from './secure-connection.ts'

export interface WebSocketConnectorDeps {
  readonly leaves: OwnLeaves
  readonly clock: Clock
  readonly outerTrust: () => Promise<OuterTrust>
  /** The proxy to go through for this URL, if any. */
  readonly proxyFor: (url: URL) => string | undefined
}

type DialledPeer = KnownPeer & { readonly url: string }

/** What is quoted of an answer that is not an upgrade. */
const maxQuotedBytes = 2_048

/** Dials as docs/protocol.md says: a WebSocket to the peer's URL, and TLS inside it that trusts the peer's CA alone. */
export function createWebSocketConnector(deps: WebSocketConnectorDeps): Connector {
  return {
    async dial(peer, signal) {
      const { ca, leaf } = await deps.leaves.for(peer)
      const { socket, theirTime, outerCertificateEndsMs } = await openWebSocket(
        deps,
        peer,
        ca,
        signal,
      )
      const duplex = new WebSocketDuplex(socket)
      const stop = (): void => void duplex.destroy(new Error('The attempt was given up'))
      signal.addEventListener('abort', stop, { once: true })
      try {
        const secured = await secureAsDialler(duplex, { leaf, ...peer })
        signal.throwIfAborted()
        const transport = urlOf(peer).protocol === 'wss:' ? 'wss' : 'ws'
        const seenOutside: SeenOutside = {
          ...differenceOf(theirTime, deps.clock.now()),
          ...(outerCertificateEndsMs !== undefined && { outerCertificateEndsMs }),
        }
        return tlsConnection(secured, duplex, {
          direction: 'outbound',
          transport,
          leaf,
          ownCa: ca.fingerprint,
          peer,
          seenOutside,
        })
      } catch (error) {
        signal.throwIfAborted()
        duplex.destroy(new Error('The inner TLS failed'))
        throw explained(error, peer, duplex, { oursMs: deps.clock.now(), theirs: theirTime })
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

interface Opened {
  readonly socket: WebSocket
  readonly theirTime: string | undefined
  readonly outerCertificateEndsMs: number | undefined
}

async function openWebSocket(
  deps: WebSocketConnectorDeps,
  peer: DialledPeer,
  ca: OwnCa,
  signal: AbortSignal,
): Promise<Opened> {
  const url = urlOf(peer)
  const options = clientOptions(deps, url, peer, ca, await deps.outerTrust())
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, channelSubprotocol, options)
    let theirTime: string | undefined
    let outerCertificateEndsMs: number | undefined
    const abort = (): void => socket.terminate()
    signal.addEventListener('abort', abort, { once: true })
    const settled = (): void => signal.removeEventListener('abort', abort)
    socket.once('upgrade', (answer) => {
      const time = answer.headers[timeHeader]
      theirTime = typeof time === 'string' ? time : undefined
      outerCertificateEndsMs = certificateEndOf(answer)
    })
    socket.once('unexpected-response', (request, answer) => {
      settled()
      // Whoever answers may say half of it and no more; it must not hold the dial for ever.
      const giveUp = (): void => void answer.destroy()
      signal.addEventListener('abort', giveUp, { once: true })
      const refused = (error: Error): void => reject(signal.aborted ? abortError(signal) : error)
      refusalOf(answer, peer).then(refused, refused)
      // Without it the request would wait for a body that nobody asked to end.
      answer.once('close', () => {
        signal.removeEventListener('abort', giveUp)
        request.destroy()
      })
    })
    socket.once('open', () => {
      settled()
      socket.off('error', fail)
      resolve({ socket, theirTime, outerCertificateEndsMs })
    })
    const fail = (error: Error): void => {
      settled()
      reject(signal.aborted ? abortError(signal) : unreachable(url, error))
    }
    socket.once('error', fail)
  })
}

function clientOptions(
  { clock, proxyFor }: WebSocketConnectorDeps,
  url: URL,
  peer: DialledPeer,
  ca: OwnCa,
  trust: OuterTrust,
): ClientOptions {
  const proxy = proxyFor(url)
  const time = new Date(clock.now()).toISOString()
  const isSecure = url.protocol === 'wss:'
  return {
    perMessageDeflate: false,
    maxPayload: maxReceivedMessageBytes,
    ...messagePieces,
    followRedirects: false,
    // What we send is ciphertext under keys that nobody who chose the plain text knows: no bytes of anybody's
    // choosing reach a proxy, which is all that masking is for. Zeros spare both sides a pass over every byte.
    generateMask: (mask) => mask.fill(0),
    headers: {
      [caHeader]: ca.caCertificateDer.toString('base64'),
      [timeHeader]: time,
      [proofHeader]: proofOfDial(
        { time, dialler: ca.fingerprint, acceptor: peer.caFingerprint ?? peer.fingerprint },
        (bytes) => ca.sign(bytes),
      ),
    },
    rejectUnauthorized: trust.rejectUnauthorized,
    ...(trust.ca !== undefined && { ca: [...trust.ca] }),
    ...(proxy !== undefined && { agent: new ProxyAgent(proxy, isSecure) }),
  }
}

/** `https://host/base` → `wss://host/base/ws`. */
function urlOf(peer: DialledPeer): URL {
  const url = new URL('ws', peer.url.endsWith('/') ? peer.url : `${peer.url}/`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url
}

async function refusalOf(answer: IncomingMessage, peer: DialledPeer): Promise<Error> {
  const said = problemIn(await textOf(answer))
  const status = answer.statusCode ?? 0
  if (said === undefined)
    return new Error(
      `${peer.url} answered ${status} instead of opening the channel; is the URL that of a Porpulsion agent's peer-facing port, and does the ingress pass WebSockets?`,
    )
  const message = `${peer.url} refused the channel (${status}): "${said.detail.slice(0, 500)}"`
  if (said.code === 'PeerRevoked') return new DialError('RemovedByPeer', message)
  // An ingress in front of nobody answers 503, too, but not in our words: that is a failure like any other.
  if (status === 503 && said.retryAfterSeconds !== undefined)
    return new BusyError(message, said.retryAfterSeconds * 1_000)
  return new Error(message)
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer as AsyncIterable<string>) {
    text += chunk
    if (text.length > maxQuotedBytes) break
  }
  return text
}

/** Our own kind of refusal; of anything else (an ingress' HTML) nothing. */
function problemIn(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (schemaErrors(Problem, value).length > 0) return undefined
    return value as Problem // checked by schemaErrors above
  } catch {
    return undefined
  }
}

function explained(
  error: unknown,
  peer: DialledPeer,
  duplex: WebSocketDuplex,
  times: HandshakeTimes,
): Error {
  if (!(error instanceof HandshakeError))
    return error instanceof Error ? error : new Error(String(error))
  const said = duplex.ending?.reason ?? ''
  const message =
    error.failure === 'Broken' && said !== ''
      ? `${peer.url} ended the inner TLS: "${said}"`
      : explainHandshake(error, `peer "${peer.name}"`, times)
  // Broken is what a lost connection is, too: then only the other side may have said that it is more.
  const isRefused = error.failure !== 'Broken' || certificateRefusals.has(duplex.ending?.code ?? 0)
  return isRefused
    ? new DialError('CertificateRefused', message, { cause: error })
    : new Error(message, { cause: error })
}

const certificateRefusals: ReadonlySet<number> = new Set([
  RefusalCode.Unproven,
  RefusalCode.Certificate,
])

function unreachable(url: URL, cause: Error): Error {
  const message = `${url.origin} cannot be reached: ${cause.message || codeOf(cause)}`
  const trouble: LinkTrouble = 'OuterCertificateRefused'
  return isCertificateCode(codeOf(cause))
    ? new DialError(trouble, message, { cause })
    : new Error(message, { cause })
}

/** OpenSSL's words for a certificate it does not take, and Node's for a name that is not in it. */
const isCertificateCode = (code: string): boolean =>
  code === 'ERR_TLS_CERT_ALTNAME_INVALID' ||
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)_|INVALID_(CA|PURPOSE))/.test(
    code,
  )

function certificateEndOf({ socket }: IncomingMessage): number | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return certificate === undefined ? undefined : Date.parse(certificate.validTo)
}

function differenceOf(theirTime: string | undefined, nowMs: number): SeenOutside {
  const clockDifferenceMs = Date.parse(theirTime ?? '') - nowMs
  return Number.isNaN(clockDifferenceMs) ? {} : { clockDifferenceMs }
}

/** A host with several addresses fails with an error that has no message of its own. */
const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'no connection'

const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('Aborted')
