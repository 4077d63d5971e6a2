import { appOrigin } from '../../e2e/support/app-origin.ts'
import type { Demo } from '../../e2e/support/demo.ts'
import { agentsOf } from './agents-of.ts'
import type { Path } from './path.ts'

/** The app's own origin at the submitter, as a browser uses it: HTTP server, ticket, frames, host. */
export async function httpProxyPath(demo: Demo, app: string): Promise<Path> {
  const { url, headers } = await appOrigin(demo, app)
  return {
    path: 'http-proxy',
    host: url.hostname,
    port: Number(url.port),
    headers,
    pids: () => agentsOf(demo),
    stop: () => undefined,
  }
}
