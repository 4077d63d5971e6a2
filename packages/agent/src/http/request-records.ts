import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '../api/index.ts'
import type { Logger, Metrics } from '../observability/index.ts'
import type { ClientAddress } from './client-address.ts'
import { isSafeMethod } from './origin-rules.ts'

/** Every request is in the metrics, every change somebody was let to try in the log. */
export function recordRequests(
  app: FastifyInstance,
  deps: {
    readonly metrics: Metrics
    readonly logger: Logger
    readonly clientAddress: ClientAddress
    readonly callerOf: (request: FastifyRequest) => Caller | undefined
  },
): void {
  const seconds = deps.metrics.histogram(
    'porpulsion_http_request_seconds',
    'Time to answer a request on port 8000, without those to apps.',
    [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    ['method', 'route', 'status'],
  )
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const status = reply.statusCode
    // The path as declared: as sent it would make a series per app.
    const route = request.routeOptions.url ?? 'none'
    seconds.observe({ method, route, status: String(status) }, reply.elapsedTime / 1_000)
    const caller = deps.callerOf(request)
    if (caller !== undefined && !isSafeMethod(method)) {
      const address = deps.clientAddress.of(request.raw)
      const path = request.url.split('?', 1)[0]
      deps.logger.info({ caller: caller.name, address, method, path, status }, 'Answered a change')
    }
    done()
  })
}
