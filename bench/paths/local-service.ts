import type { RemoteApp } from '@porpulsion/contract'
import type { Demo } from '../../e2e/support/demo.ts'
import { eventually } from '../../e2e/support/eventually.ts'
import { agentsOf } from './agents-of.ts'
import type { Path } from './path.ts'

/** A port with `expose: true`, as programs of the submitter's cluster use it: agent, link, agent. */
export async function localServicePath(demo: Demo, app: string): Promise<Path> {
  const address = await eventually('the port is exposed', 20_000, async () => {
    const { status } = (await demo.json('app', 'get', app)) as RemoteApp // validated by the client
    const [port] = status?.localService?.ports ?? []
    if (port?.address === undefined) throw new Error('The port has no address')
    return new URL(`tcp://${port.address}`)
  })
  return {
    path: 'local-service',
    host: address.hostname,
    port: Number(address.port),
    headers: {},
    pids: () => agentsOf(demo),
    stop: () => undefined,
  }
}
