import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { peerEndpoints, PorpulsionError } from '@porpulsion/contract'
import Fastify, { type FastifyInstance } from 'fastify'
import type { CallingPeer, PeerHandlers } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { Logger } from '../observability/index.ts'
import { auditRefusals } from './audited-requests.ts'
import { limitBodies } from './body-budget.ts'
import { addBodyParsers } from './body-parsers.ts'
import { addEndpointRoutes } from './endpoint-routes.ts'
import { gatherBodies } from './gathered-bodies.ts'
import * as limits from './limits.ts'
import { mergeHandlers } from './merge-handlers.ts'
import { sendProblem } from './problem-reply.ts'
import { requestsInTurn } from './requests-in-turn.ts'

/** The API peers call inside a link. It listens nowhere: connections are handed to it. */
export interface PeerApi {
  /** Throws when an endpoint of the table has no handler, or two. */
  start(): Promise<void>
  /** Serves HTTP/1.1 on a stream of this peer's session, which proved who it is. Owns the stream from here on. */
  serve(duplex: Duplex, peer: CallingPeer): void
  /** Ends answers that would go on for ever, as logs do: whoever follows them resumes. The others may end. */
  drain(): void
  stop(): Promise<void>
}

export function createPeerApi(deps: {
  readonly handlers: readonly PeerHandlers[]
  readonly audit: Audit
  readonly logger: Logger
}): PeerApi {
  const { logger, audit } = deps
  const peers = new WeakMap<object, CallingPeer>()
  const connections = new Set<Duplex>()
  const stopping = new AbortController()
  let server: Server | undefined
  let isStopped = false

  const app: FastifyInstance = Fastify({
    serverFactory: (handler) => {
      server = createServer(
        {
          // Streams are pooled by the other side for as long as the session lasts, and logs may be silent for hours:
          // the session's own pings decide who is alive.
          requestTimeout: 0,
          headersTimeout: 0,
          keepAliveTimeout: 0,
          maxHeaderSize: limits.MAX_PEER_API_HEADER_BYTES,
        },
        requestsInTurn(limits.MAX_PEER_PIPELINED, handler),
      )
      return server
    },
    bodyLimit: limits.MAX_PEER_API_BODY_BYTES,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
  })

  async function start(): Promise<void> {
    app.setErrorHandler((error, request, reply) => sendProblem(logger, request, reply, error))
    app.setNotFoundHandler((request) => {
      const peer = peers.get(request.raw.socket)
      // Not the path: whoever looks for gaps would write it a thousand times.
      if (peer !== undefined)
        audit.record({
          actor: peerActor(peer.name),
          action: 'unknownRequest',
          outcome: 'refused',
          reason: 'RouteNotFound',
        })
      throw new PorpulsionError(
        'NotFound',
        'RouteNotFound',
        `There is no ${request.method} ${request.url} here; the other agent may be older`,
      )
    })
    addBodyParsers(app)
    gatherBodies(app)
    limitBodies(app, (request) => peers.get(request.raw.socket)?.fingerprint)
    const handlers = mergeHandlers(peerEndpoints, deps.handlers)
    addEndpointRoutes(app, peerEndpoints, handlers, {
      // A newer peer may say more than we understand.
      unknownFields: 'ignored',
      logger,
      stopping: stopping.signal,
      settled: auditRefusals({ audit, peerOf: (request) => peers.get(request.raw.socket) }),
      admit: (_endpoint, request) => {
        const peer = peers.get(request.raw.socket)
        if (peer === undefined) throw new Error('A connection was served without its peer')
        return { peer }
      },
    })
    await app.ready()
  }

  return {
    start,
    serve(duplex, peer) {
      if (isStopped || server === undefined) {
        duplex.destroy()
        return
      }
      peers.set(duplex, peer)
      connections.add(duplex)
      duplex.on('error', () => duplex.destroy())
      duplex.once('close', () => connections.delete(duplex))
      server.emit('connection', duplex)
    },
    drain() {
      stopping.abort()
    },
    async stop() {
      stopping.abort()
      isStopped = true
      for (const duplex of connections) duplex.destroy()
      await app.close()
    },
  }
}
