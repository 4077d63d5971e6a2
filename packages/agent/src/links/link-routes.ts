import { X509Certificate } from 'node:crypto'
import { PorpulsionError, type PeerHistory, type PeerLink } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import type { KnownPeer, PeerDirectory } from '../peers/index.ts'
import { SAMPLE_INTERVAL_MS, type LinkPast } from './link-history.ts'
import type { Links } from './links-api.ts'
import type { LinkHistory } from './record-link-history.ts'

export interface LinkRoutesDeps {
  readonly links: Pick<Links, 'view' | 'facts'>
  readonly history: Pick<LinkHistory, 'of'>
  readonly directory: Pick<PeerDirectory, 'byName'>
}

export function linkHandlers({ links, history, directory }: LinkRoutesDeps): ApiHandlers {
  function target({ params }: { readonly params: Readonly<Record<string, string>> }): KnownPeer {
    const name = params['name'] ?? ''
    const peer = directory.byName(name)
    if (peer === undefined) throw noLink(name)
    return peer
  }

  return {
    getPeerLink: (request) => Promise.resolve(peerLink(links, target(request))),
    getPeerHistory: (request) =>
      Promise.resolve(peerHistory(history.of(target(request).fingerprint))),
  }
}

function peerLink(links: LinkRoutesDeps['links'], peer: KnownPeer): PeerLink {
  const { state, sinceMs, transport, direction, message } = links.view(peer.fingerprint)
  const facts = links.facts(peer.fingerprint)
  const { latencyMs, receivedBytes, sentBytes, openStreams, session, nextDialMs } = facts
  return {
    state,
    since: time(sinceMs),
    ...(session !== undefined && { sessionSince: time(session.sinceMs) }),
    ...(transport !== undefined && { transport }),
    ...(direction !== undefined && { direction }),
    ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs * 10) / 10 }),
    receivedBytes,
    sentBytes,
    openStreams,
    ...(session !== undefined && { protocolVersion: session.protocolVersion }),
    certificates: {
      ca: lifeOf(peer.caCertificatePem),
      ...(session !== undefined && {
        peerLeaf: { notAfter: time(session.peerLeafEndsMs) },
        ownLeaf: { notAfter: time(session.ownLeafEndsMs) },
      }),
    },
    ...(nextDialMs !== undefined && { nextDialTime: time(nextDialMs) }),
    ...(message !== undefined && { lastError: message }),
  }
}

/** It was read as a certificate before it was pinned. */
function lifeOf(pem: string): PeerLink['certificates']['ca'] {
  const { validFrom, validTo } = new X509Certificate(pem)
  return { notBefore: time(Date.parse(validFrom)), notAfter: time(Date.parse(validTo)) }
}

function peerHistory({ changes, samples }: LinkPast): PeerHistory {
  return {
    intervalSeconds: SAMPLE_INTERVAL_MS / 1_000,
    changes: changes.map(({ atMs, ...change }) => ({ time: time(atMs), ...change })),
    samples: samples.map(({ atMs, ...sample }) => ({ time: time(atMs), ...sample })),
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

const noLink = (name: string): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'PeerNotFound',
    `There is no link to a peer "${name}"; see \`GET /api/peers\``,
  )
