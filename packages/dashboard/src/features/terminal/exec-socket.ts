/** A command in a pod, over one WebSocket: what it writes, what it reads, how it ended. */
import {
  decodeExecMessage,
  encodeExecMessage,
  encodeResize,
  endpoints,
  ExecChannel,
  execSubprotocol,
  fromProblem,
  maxExecPayloadBytes,
  PorpulsionError,
  readExecStatus,
  type ExecQuery,
  type TerminalSize,
} from '@porpulsion/contract'
import { problemOf, unreachable } from '../../api/client.ts'

export type ExecEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: Error }

export interface ExecEvents {
  readonly onOpen: () => void
  readonly onOutput: (bytes: Uint8Array) => void
  /** Once, and last. */
  readonly onEnd: (end: ExecEnd) => void
}

export interface ExecSocket {
  write(bytes: Uint8Array): void
  resize(size: TerminalSize): void
  /** Ends the command as well; nothing is told any more. */
  close(): void
}

export interface ExecDeps {
  readonly openSocket?: (url: string, subprotocol: string) => WebSocket
  /** Asks the same as a plain request, whose answer a browser shows us. */
  readonly fetch?: (url: string) => Promise<Response>
}

/** Keys pressed while the connection is made; more is no typing, and is dropped. */
const MAX_MESSAGES_AHEAD = 256

export function openExec(
  id: string,
  query: ExecQuery,
  events: ExecEvents,
  {
    openSocket = (url, subprotocol) => new WebSocket(url, subprotocol),
    fetch: ask = (url) => fetch(url),
  }: ExecDeps = {},
): ExecSocket {
  const path = execPath(id, { ...query, refusals: 'inside' })
  const socket = openSocket(path, execSubprotocol)
  socket.binaryType = 'arraybuffer'
  let wasOpen = false
  let isOver = false
  const end = (how: ExecEnd): void => {
    if (isOver) return
    isOver = true
    socket.close()
    events.onEnd(how)
  }
  /** Typed before there is anybody to read it. */
  let ahead: Uint8Array<ArrayBuffer>[] = []
  const send = (message: Uint8Array<ArrayBuffer>): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(message)
    else if (!wasOpen && ahead.length < MAX_MESSAGES_AHEAD) ahead.push(message)
  }

  socket.onopen = () => {
    wasOpen = true
    for (const message of ahead) socket.send(message)
    ahead = []
    events.onOpen()
  }
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message =
      data instanceof ArrayBuffer ? decodeExecMessage(new Uint8Array(data)) : undefined
    if (message === undefined) return
    if (message.channel === ExecChannel.Stdout || message.channel === ExecChannel.Stderr)
      events.onOutput(message.bytes)
    else if (message.channel === ExecChannel.Status) end(endOf(message.bytes))
  }
  socket.onclose = () => {
    if (isOver) return
    if (wasOpen) end({ kind: 'failed', error: cutOff() })
    else void refusalOf(() => ask(path)).then((error) => end({ kind: 'failed', error }))
  }

  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; at += maxExecPayloadBytes)
        send(encodeExecMessage(ExecChannel.Stdin, bytes.subarray(at, at + maxExecPayloadBytes)))
    },
    resize: (size) => send(encodeResize(size)),
    close() {
      isOver = true
      socket.close()
    },
  }
}

function execPath(id: string, { command, ...rest }: ExecQuery): string {
  const query = new URLSearchParams()
  for (const word of command) query.append('command', word)
  for (const [key, value] of Object.entries(rest)) query.set(key, String(value))
  const path = endpoints.execRemoteApp.path.replace(':id', encodeURIComponent(id))
  return `${path}?${query.toString()}`
}

function endOf(bytes: Uint8Array): ExecEnd {
  const status = readExecStatus(bytes)
  if (status === undefined) return { kind: 'failed', error: cutOff() }
  return 'exitCode' in status
    ? { kind: 'exited', exitCode: status.exitCode }
    : { kind: 'failed', error: fromProblem(status) }
}

const cutOff = (): PorpulsionError =>
  new PorpulsionError(
    'Unavailable',
    'StreamInterrupted',
    'The connection was lost, and the command ended with it. Start another one.',
  )

/**
 * Who may not open one at all is refused before there is a WebSocket, of which a browser tells nothing. A plain request
 * is refused for the same reason; when it is only told to be a WebSocket, ours did not get through.
 */
async function refusalOf(ask: () => Promise<Response>): Promise<Error> {
  try {
    const refusal = await problemOf(await ask())
    return refusal.code === 'WebSocketNeeded' ? noWebSocket() : refusal
  } catch (cause) {
    return unreachable(cause)
  }
}

const noWebSocket = (): PorpulsionError =>
  new PorpulsionError(
    'Unavailable',
    'ExecLost',
    'No WebSocket gets through to the agent. A proxy in between must pass them; kubectl port-forward does.',
  )
