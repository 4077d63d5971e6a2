/**
 * Messages of a terminal: one byte that names the channel, then its bytes. As in Kubernetes' `v5.channel.k8s.io`, so
 * that who knows that one knows this one. Spoken on the WebSocket of `GET /api/remoteapp/:id/exec`, and between agents
 * with a length in between (docs/protocol.md).
 */
import { Type, type Static } from 'typebox'
import { toProblem, type PorpulsionError } from './errors.ts'
import { Problem } from './problem.ts'
import { schemaErrors } from './validate.ts'

/** Offered and chosen as the WebSocket's subprotocol. */
export const execSubprotocol = 'porpulsion.exec.v1'

/** The first byte of a message. Numbers are wire format: never renumber, never reuse. */
export const ExecChannel = {
  /** Bytes for the command. From the client. */
  Stdin: 0,
  /** What the command wrote. From the server, as the next two. */
  Stdout: 1,
  /** With a terminal there is none: all of it is stdout. */
  Stderr: 2,
  /** How it ended, as JSON: `ExecStatus`. Comes once, and last. */
  Status: 3,
  /** The size of the window changed, as JSON: `TerminalSize`. From the client. */
  Resize: 4,
  /** The channel named by the one byte that follows has ended. From the client for stdin: end of file. */
  Close: 255,
} as const
export type ExecChannel = (typeof ExecChannel)[keyof typeof ExecChannel]

export interface ExecMessage {
  readonly channel: ExecChannel
  readonly bytes: Uint8Array
}

/** What one message carries at most; longer is a violation. More bytes go in more messages. */
export const maxExecPayloadBytes = 64 * 1024

export const TerminalSize = Type.Object({
  width: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Columns.' }),
  height: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Rows.' }),
})
export type TerminalSize = Static<typeof TerminalSize>

/** The command ended with this code; or it was not started, or lost, and this is why. */
export const ExecStatus = Type.Union([
  Type.Object({ exitCode: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }) }),
  Problem,
])
export type ExecStatus = Static<typeof ExecStatus>

const channels: ReadonlySet<number> = new Set(Object.values(ExecChannel))
const isChannel = (byte: number | undefined): byte is ExecChannel =>
  byte !== undefined && channels.has(byte)

export function encodeExecMessage(
  channel: ExecChannel,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(1 + bytes.length)
  message[0] = channel
  message.set(bytes, 1)
  return message
}

/** A view on the message, no copy. Undefined: not one of ours. */
export function decodeExecMessage(message: Uint8Array): ExecMessage | undefined {
  const [channel] = message
  if (!isChannel(channel) || message.length > 1 + maxExecPayloadBytes) return undefined
  return { channel, bytes: message.subarray(1) }
}

/** Ends stdin: the command reads end of file. */
export const encodeStdinEnd = (): Uint8Array<ArrayBuffer> =>
  encodeExecMessage(ExecChannel.Close, Uint8Array.of(ExecChannel.Stdin))

export const encodeResize = ({ width, height }: TerminalSize): Uint8Array<ArrayBuffer> =>
  encodeExecMessage(ExecChannel.Resize, utf8(JSON.stringify({ width, height })))

/** Undefined: not a size a terminal can have. */
export function readResize(bytes: Uint8Array): TerminalSize | undefined {
  const size = parsed(bytes)
  return schemaErrors(TerminalSize, size).length === 0
    ? (size as TerminalSize) // the schema's, just checked
    : undefined
}

export const encodeExit = (exitCode: number): Uint8Array<ArrayBuffer> =>
  encodeExecMessage(ExecChannel.Status, utf8(JSON.stringify({ exitCode })))

/** Cut to what one message holds: the words of a container runtime may be long. */
export function encodeExecFailure(error: PorpulsionError): Uint8Array<ArrayBuffer> {
  const problem = toProblem(error)
  const detail = problem.detail.slice(0, maxDetailCharacters)
  return encodeExecMessage(ExecChannel.Status, utf8(JSON.stringify({ ...problem, detail })))
}

const maxDetailCharacters = 4_096

/** Undefined: not a status. */
export function readExecStatus(bytes: Uint8Array): ExecStatus | undefined {
  const status = parsed(bytes)
  return schemaErrors(ExecStatus, status).length === 0
    ? (status as ExecStatus) // the schema's, just checked
    : undefined
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
