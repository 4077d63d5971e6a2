/** The exec subresource of pods. */
import { badRequest, notFound } from '../../registry/api-error.ts'
import { Kinds } from '../../registry/kinds.ts'
import type { CommandSession } from '../../registry/ports.ts'
import type { ApiContext } from '../api-context.ts'
import {
  type ApiRequest,
  type ApiResponse,
  booleanParam,
  type UpgradedConnection,
} from '../api-request.ts'
import { keyOf, type Target } from '../target.ts'
import { joinCommand, type RemoteStreams, type WantedStreams } from './remote-command.ts'
import { demandStreamProtocol, isSpdy } from './spdy.ts'
import { spdyCommandProtocol, spdyStreams } from './spdy-command.ts'
import { acceptWebSocket, chooseProtocol, isWebSocket } from './websocket.ts'
import { channelStreams, commandProtocols } from './websocket-channels.ts'

export async function execInPod(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query } = request
  const key = keyOf(target)
  const pod = context.registry.get(Kinds.Pod, key)
  if (pod === undefined) throw notFound(target.resource, key.name)
  const container = query.get('container') ?? ''
  const tty = flag(query, 'tty')
  const wanted = wantedStreams(query, tty)
  const start = await context.pods.openExec(pod, {
    ...(container !== '' && { container }),
    command: query.getAll('command'),
    stdin: wanted.stdin,
    tty,
  })
  const connect = connector(request, wanted, tty)
  return {
    kind: 'upgrade',
    accept: async (connection) => {
      const remote = await connect(connection)
      if (remote !== undefined) await run(context, remote, start)
    },
  }
}

function wantedStreams(query: URLSearchParams, tty: boolean): WantedStreams {
  const wanted = {
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr') && !tty,
  }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    throw badRequest('you must specify at least one of stdin, stdout, stderr')
  }
  return wanted
}

type Connect = (connection: UpgradedConnection) => Promise<RemoteStreams | undefined>

/** How the client wants to speak; throws if it is not a way of ours. */
function connector(request: ApiRequest, wanted: WantedStreams, tty: boolean): Connect {
  if (isSpdy(request)) {
    demandStreamProtocol(request, spdyCommandProtocol)
    return (connection) => spdyStreams(connection, wanted, tty)
  }
  if (!isWebSocket(request)) throw badRequest('Upgrade request required')
  const protocol = chooseProtocol(request, commandProtocols)
  return (connection) => {
    const socket = acceptWebSocket(connection, protocol)
    return Promise.resolve(socket && channelStreams(socket, wanted))
  }
}

async function run(
  { logger }: ApiContext,
  remote: RemoteStreams,
  start: () => Promise<CommandSession>,
): Promise<void> {
  try {
    await joinCommand(await start(), remote)
  } catch (error) {
    // The container ended in between, or the machine has no process to give.
    logger.warn({ err: error }, 'Command failed to start')
    const message = error instanceof Error ? error.message : String(error)
    await remote.finish({
      metadata: {},
      status: 'Failure',
      message,
      reason: 'InternalError',
      code: 500,
    })
  }
}

function flag(query: URLSearchParams, name: string): boolean {
  return query.has(name) && booleanParam(query, name)
}
