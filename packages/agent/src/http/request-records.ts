import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../observability/index.ts'

/** How long requests take, by what they asked. Who changed what is in the audit trail. */
export function recordRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram(
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
    done()
  })
}
