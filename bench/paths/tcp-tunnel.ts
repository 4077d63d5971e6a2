import type { Demo } from '../../e2e/support/demo.ts'
import { freePort } from '../../e2e/support/free-port.ts'
import { agentsOf } from './agents-of.ts'
import { childPath } from './child-path.ts'
import type { Path, Pod } from './path.ts'

/** `porpulsion app port-forward`, as a user types it: raw bytes over the link. */
export async function tcpTunnelPath(demo: Demo, app: string, pod: Pod): Promise<Path> {
  const port = await freePort()
  const child = demo.start('app', 'port-forward', app, `${port}:${pod.port}`)
  return await childPath('tcp-tunnel', child, port, async (pid) => [pid, ...(await agentsOf(demo))])
}
