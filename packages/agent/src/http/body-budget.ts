import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PorpulsionError } from '@porpulsion/contract'
import { MAX_PEER_API_BODY_BYTES, MAX_PEER_BODIES_BYTES } from './limits.ts'

/**
 * Bounds the bodies of one sender that are in memory at once. Each alone may be large, and a peer may have a thousand
 * requests under way: together they would be gigabytes, for as long as it holds back their last bytes.
 */
export function limitBodies(
  app: FastifyInstance,
  senderOf: (request: FastifyRequest) => string | undefined,
): void {
  const bytesOf = new Map<string, number>()
  app.addHook('onRequest', (request, reply, done) => {
    const sender = senderOf(request)
    const bytes = announcedBytes(request)
    if (sender === undefined || bytes === 0) {
      done()
      return
    }
    const sum = (bytesOf.get(sender) ?? 0) + bytes
    if (sum > MAX_PEER_BODIES_BYTES) {
      done(tooMuch())
      return
    }
    bytesOf.set(sender, sum)
    reply.raw.once('close', () => {
      const left = (bytesOf.get(sender) ?? 0) - bytes
      if (left > 0) bytesOf.set(sender, left)
      else bytesOf.delete(sender)
    })
    done()
  })
}

/** A body that does not say how long it is may be as long as any. */
function announcedBytes({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return MAX_PEER_API_BODY_BYTES
  const bytes = Number(headers['content-length'] ?? 0)
  return Math.min(MAX_PEER_API_BODY_BYTES, Number.isFinite(bytes) ? bytes : 0)
}

const tooMuch = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'RateLimited',
    `Requests of yours with ${MAX_PEER_BODIES_BYTES / 1024 / 1024} MiB of bodies are under way; wait for some to end`,
    { retryAfterSeconds: 1 },
  )
