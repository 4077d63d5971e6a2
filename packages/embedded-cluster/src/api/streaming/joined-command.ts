/** What exec and attach share: the streams that a client wants, and how it wants them carried. */
import { badRequest } from '../../registry/api-error.ts'
import type { CommandSession } from '../../registry/ports.ts'
import type { ApiContext } from '../api-context.ts'
import {
  type ApiRequest,
  type ApiResponse,
  booleanParam,
  type UpgradedConnection,
} from '../api-request.ts'
import { joinCommand, type RemoteStreams, type WantedStreams } from './remote-command.ts'
import { demandStreamProtocol, isSpdy } from './spdy.ts'
import { spdyCommandProtocol, spdyStreams } from './spdy-command.ts'
import { acceptWebSocket, chooseProtocol, isWebSocket } from './websocket.ts'
import { channelStreams, commandProtocols } from './websocket-channels.ts'

export interface Wanted extends WantedStreams {
  readonly tty: boolean
}

export function wantedStreams({ query }: ApiRequest): Wanted {
  const tty = flag(query, 'tty')
  const wanted = {
    tty,
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr') && !tty,
  }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    throw badRequest('you must specify at least one of stdin, stdout, stderr')
  }
  return wanted
}

/** Throws if the client speaks in no way of ours; `start` is called once it is connected. */
export function joined(
  context: ApiContext,
  request: ApiRequest,
  wanted: Wanted,
  start: () => Promise<CommandSession>,
): ApiResponse {
  const connect = connector(request, wanted)
  return {
    kind: 'upgrade',
    accept: async (connection) => {
      const remote = await connect(connection)
      if (remote !== undefined) await run(context, remote, start)
    },
  }
}

type Connect = (connection: UpgradedConnection) => Promise<RemoteStreams | undefined>

function connector(request: ApiRequest, wanted: Wanted): Connect {
  if (isSpdy(request)) {
    demandStreamProtocol(request, spdyCommandProtocol)
    return (connection) => spdyStreams(connection, wanted, wanted.tty)
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
