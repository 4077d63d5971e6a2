import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../observability/index.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'

/** What the agent says about itself to anybody: probes, metrics, and what its API is. */
export function addAboutRoutes(
  app: FastifyInstance,
  deps: {
    readonly notReady: () => readonly string[]
    readonly metrics: Metrics
    readonly version: string
  },
): void {
  const { notReady, metrics, version } = deps
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const reasons = notReady()
    const isReady = reasons.length === 0
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', reasons })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  )
  app.get('/api/openapi.json', () => openApiDocument('3.1.0', version))
  app.get('/api/openapi-3.0.json', () => openApiDocument('3.0.3', version))
  app.get('/api/docs', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(version)),
  )
}
