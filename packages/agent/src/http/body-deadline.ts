import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../observability/index.ts'
import { BODY_TIMEOUT_MS } from './limits.ts'

/** The server's own request timeout is off for the sake of apps, so a body that never ends is ours to end. */
export function limitBodyTime(app: FastifyInstance, clock: Clock): void {
  const waiting = new WeakMap<FastifyRequest, () => void>()
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const cancel = clock.setTimeout(() => request.raw.destroy(), BODY_TIMEOUT_MS)
    waiting.set(request, cancel)
    request.raw.once('close', cancel)
    done(null, payload)
  })
  app.addHook('preValidation', (request, _reply, done) => {
    waiting.get(request)?.()
    done()
  })
}
