import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { PorpulsionError } from '@porpulsion/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messagePage } from './login-page.ts'

/** The files of the dashboard; every path that is no file is its page, which reads the path itself. */
export interface Dashboard {
  readonly sendPage: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

export async function addDashboard(
  app: FastifyInstance,
  dashboardDir: string | undefined,
): Promise<Dashboard> {
  if (dashboardDir === undefined || !existsSync(join(dashboardDir, 'index.html')))
    return noDashboard
  await app.register(fastifyStatic, {
    root: dashboardDir,
    index: false,
    redirect: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders(response, path) {
      response.setHeader('cache-control', cacheControlOf(path.slice(dashboardDir.length)))
      // A cache in between must not give one browser what another could read.
      response.setHeader('vary', 'accept-encoding')
    },
  })
  const dashboard: Dashboard = {
    sendPage: (_request, reply) =>
      Promise.resolve(reply.header('cache-control', 'no-cache').sendFile('index.html')),
  }
  // To the file server the root is a directory, which it does not show.
  app.get('/', dashboard.sendPage)
  return dashboard
}

/** Files in assets/ have their content's hash in their name; the page that names them must always be fresh. */
const cacheControlOf = (path: string): string =>
  /^[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'

const noDashboard: Dashboard = {
  sendPage: (_request, reply) =>
    Promise.resolve(
      reply
        .type('text/html; charset=utf-8')
        .send(
          messagePage(
            'Porpulsion',
            'This agent runs without its dashboard. The command line and the API (/api/docs) work all the same.',
          ),
        ),
    ),
}

/** What no route answers: a place in the dashboard for a browser that navigates, else an error. */
export function addFallback(app: FastifyInstance, dashboard: Dashboard): void {
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      !/^\/(api|assets)(\/|$)/.test(path) &&
      (path === '/' || (request.headers.accept ?? '').includes('text/html'))
    if (isPage) return await dashboard.sendPage(request, reply)
    throw new PorpulsionError(
      'NotFound',
      'RouteNotFound',
      `There is no ${request.method} ${path}; /api/docs lists what there is`,
    )
  })
}
