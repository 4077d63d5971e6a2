/**
 * The portforward subresource of pods. Over SPDY, as kubectl speaks it, each connection through it is a pair of streams
 * that the client opens; over WebSocket (`v4.channel.k8s.io`) each of the ports of the query is one connection, and has
 * two channels.
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { badRequest } from '../../registry/api-error.ts'
import type { ApiContext } from '../api-context.ts'
import type { ApiRequest, ApiResponse, UpgradedConnection } from '../api-request.ts'
import { podOf } from '../pod-target.ts'
import type { Target } from '../target.ts'
import { acceptSpdy, demandStreamProtocol, isSpdy } from './spdy.ts'
import type { SpdyStream } from './spdy-session.ts'
import { acceptWebSocket, chooseProtocol, isWebSocket } from './websocket.ts'
import { channelWriter, heldBack, pingWhileOpen, send } from './websocket-channels.ts'

const spdyProtocol = 'portforward.k8s.io'
const webSocketProtocol = 'v4.channel.k8s.io'

/** Ports of one WebSocket. */
const maxPorts = 32

/** What a client may still send when the pod has said everything; as long as container runtimes wait. */
const lastWordsMs = 1_000

type Dial = (port: number, signal: AbortSignal) => Promise<Duplex>

export function forwardPorts(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const pod = podOf(context, target)
  if (pod.status?.phase !== 'Running') {
    throw badRequest(
      `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`,
    )
  }
  const dial: Dial = (port, signal) => context.pods.dialPort(pod, port, signal)
  const accept = forwarder(request, dial)
  return Promise.resolve({ kind: 'upgrade', accept })
}

function forwarder(
  request: ApiRequest,
  dial: Dial,
): (connection: UpgradedConnection) => Promise<void> {
  if (isSpdy(request)) {
    demandStreamProtocol(request, spdyProtocol)
    return (connection) => forwardOverSpdy(connection, dial)
  }
  if (!isWebSocket(request)) throw badRequest('Upgrade request required')
  const protocol = chooseProtocol(request, [webSocketProtocol])
  const ports = request.query.getAll('ports').flatMap((list) => list.split(','))
  const numbers = ports.map((text) => portNumber(text))
  if (numbers.length === 0) throw badRequest('query parameter "ports" is required')
  if (numbers.length > maxPorts)
    throw badRequest(`at most ${maxPorts} ports can be forwarded at once`)
  return async (connection) => {
    const socket = acceptWebSocket(connection, protocol)
    if (socket !== undefined) await forwardOverWebSocket(socket, numbers, dial)
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw badRequest(`unable to parse "${text}" as a port`)
}

/** By request id, the stream for errors of a connection comes first, the one for data next. */
async function forwardOverSpdy(connection: UpgradedConnection, dial: Dial): Promise<void> {
  const errors = new Map<string, SpdyStream>()
  const session = acceptSpdy(connection, spdyProtocol, (stream) => {
    const { headers } = stream
    const id = headers.get('requestid') ?? ''
    if (headers.get('streamtype') === 'error') {
      errors.set(id, stream)
      stream.once('close', () => errors.delete(id))
      return
    }
    const error = errors.get(id)
    errors.delete(id)
    if (error === undefined) stream.destroy()
    else void joinPort(Number(headers.get('port')), stream, error, dial, session.gone)
  })
  await session.run()
}

async function joinPort(
  port: number,
  data: SpdyStream,
  error: SpdyStream,
  dial: Dial,
  signal: AbortSignal,
): Promise<void> {
  error.resume()
  try {
    const socket = await dial(port, signal)
    socket.on('error', () => data.destroy())
    data.on('close', () => socket.destroy())
    socket.on('close', () => error.end())
    // kubectl tells its client of the pod's end only when the stream for errors has ended, too.
    socket.once('end', () => setTimeout(() => error.end(), lastWordsMs).unref())
    socket.pipe(data).pipe(socket)
  } catch (cause) {
    error.end(failure(port, cause))
    data.end()
    data.resume()
  }
}

function failure(port: number, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause)
  return `error forwarding port ${port} to pod: ${why}`
}

/** Port `n` of the query has channel `2n` for data and `2n + 1` for errors; each begins with the number of the port. */
async function forwardOverWebSocket(
  socket: WebSocket,
  ports: readonly number[],
  dial: Dial,
): Promise<void> {
  const gone = new AbortController()
  const inputs = ports.map(() => heldBack(socket))
  pingWhileOpen(socket)
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    gone.abort()
    for (const input of inputs) input.destroy()
  })
  socket.on('message', (message: Buffer) => {
    const payload = message.subarray(1)
    const input = inputs[(message[0] ?? 0) / 2]
    if (payload.length > 0 && input?.push(payload) === false) socket.pause()
  })
  const open = ports.map(async (port, index) => {
    const [data, errors] = [index * 2, index * 2 + 1]
    for (const channel of [data, errors])
      await send(socket, channel, littleEndian(port)).catch(() => undefined)
    try {
      const pod = await dial(port, gone.signal)
      await joinChannel(pod, inputs[index] ?? heldBack(socket), channelWriter(socket, data))
    } catch (cause) {
      await send(socket, errors, Buffer.from(failure(port, cause))).catch(() => undefined)
    }
  })
  await Promise.all(open)
  socket.close(1000)
}

/** Resolves when the pod has closed; a client that goes closes the pod's connection. */
function joinChannel(
  pod: Duplex,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  return new Promise((resolve) => {
    pod.on('error', () => pod.destroy())
    pod.on('close', resolve)
    pod.on('end', () => pod.end())
    input.on('error', () => pod.destroy())
    input.on('close', () => pod.destroy())
    output.on('error', () => pod.destroy())
    input.pipe(pod)
    pod.pipe(output)
  })
}

function littleEndian(port: number): Buffer {
  return Buffer.of(port & 0xff, port >> 8)
}
