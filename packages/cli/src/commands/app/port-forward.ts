import { isIPv6, type AddressInfo, type Server, type Socket } from 'node:net'
import { choosePort, isPorpulsionError, type RemoteApp } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import { listenLocally } from '../../forward/listen-locally.ts'
import { createPortSession, type PortSession } from '../../forward/port-session.ts'
import { parseAddresses, parsePortMapping, type PortMapping } from '../../forward/port-mapping.ts'
import { letHeapGrow } from '../../heap-growth.ts'
import { untilAborted } from '../../input/abort.ts'
import { noteLine, printLine, type Io } from '../../io.ts'

interface Flags {
  readonly namespace?: string
  readonly address?: readonly string[]
}

/** Of a heap of few MB. */
const heapGrowthPercent = 500

/** Until Ctrl-C. */
export async function forwardPorts(
  io: Io,
  { args: [id = '', ...texts], flags }: Input<Flags>,
): Promise<void> {
  letHeapGrow(heapGrowthPercent)
  const mappings = texts.map(parsePortMapping)
  const addresses = parseAddresses(flags.address ?? ['localhost'])
  const { client, context } = await connect(io, flags)
  const app = await client.call('getRemoteApp', {
    params: { id },
    query: namespaceQuery(flags, context),
  })
  const forwards = mappings.map((mapping) => portsOf(app, mapping))
  const listening: { readonly server: Server; readonly remote: number }[] = []
  const sockets = new Set<Socket>()
  const sessions: PortSession[] = []
  try {
    for (const { local, remote } of forwards) {
      const session = sessionTo(client, app, remote)
      sessions.push(session)
      const forward = createForward(io, session, app, remote, sockets)
      for (const server of await listenLocally(addresses, local, forward))
        listening.push({ server, remote })
    }
    for (const { server, remote } of listening)
      await printLine(io, `Forwarding from ${addressOf(server)} -> ${remote}`)
    io.announceReady()
    await untilAborted(io.signal)
  } finally {
    for (const { server } of listening) server.close()
    for (const session of sessions) session.close()
    for (const socket of sockets) socket.destroy()
  }
}

/** Numbers on both sides. Throws `PortNotFound`, naming those the app has. */
function portsOf(
  { metadata, spec }: RemoteApp,
  { local, remote }: PortMapping,
): { readonly local: number; readonly remote: number } {
  const port = choosePort({ name: metadata.name, ports: spec.ports ?? [] }, remote)
  return { local: local ?? port, remote: port }
}

/** By name: an app that is deleted and made anew is the one that is meant. */
function sessionTo(client: Client, { metadata }: RemoteApp, port: number): PortSession {
  const { name, namespace } = metadata
  const query = { port: String(port), ...(namespace !== undefined && { namespace }) }
  return createPortSession(() =>
    client.connection('connectRemoteApp', { params: { id: name }, query }),
  )
}

/** Carries each connection on. What goes wrong is told once, and so is that it went well again. */
function createForward(
  io: Io,
  session: PortSession,
  { metadata }: RemoteApp,
  port: number,
  open: Set<Socket>,
): (socket: Socket) => void {
  const outage = createOutage(io, `port ${port} of "${metadata.name}"`)
  return (socket) => {
    open.add(socket)
    socket.on('error', () => undefined) // told by its close
    socket.once('close', () => open.delete(socket))
    session.carry(socket).then(
      async ({ ended }) => {
        outage.over()
        const broken = await ended
        if (broken !== undefined && !isResetByApp(broken)) outage.begun(broken)
      },
      (error: unknown) => {
        const wasGone = socket.destroyed
        socket.resetAndDestroy()
        if (!wasGone) outage.begun(error)
      },
    )
  }
}

/** What an app does to its own connections is between it and who uses it. */
const isResetByApp = (error: Error): boolean =>
  isPorpulsionError(error) && error.code === 'PortUnreachable'

function createOutage(
  io: Io,
  what: string,
): { readonly begun: (error: unknown) => void; readonly over: () => void } {
  let told: string | undefined
  return {
    begun(error) {
      const words = isPorpulsionError(error) ? `${error.message} [${error.code}]` : String(error)
      const key = isPorpulsionError(error) ? error.code : words
      if (key !== told) void noteLine(io, `Cannot reach ${what}: ${words}`)
      told = key
    },
    over() {
      if (told !== undefined) void noteLine(io, `Connections to ${what} work again`)
      told = undefined
    },
  }
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo // listening on TCP
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`
}
