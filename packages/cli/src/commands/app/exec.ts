import type { Duplex } from 'node:stream'
import {
  decodeExecMessage,
  encodeExecMessage,
  encodeResize,
  encodeStdinEnd,
  ExecChannel,
  fromProblem,
  maxExecPayloadBytes,
  PorpulsionError,
  readExecStatus,
  type ExecQuery,
} from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import { usageError } from '../../input/values.ts'
import { writeBytes, type Io } from '../../io.ts'

interface Flags {
  readonly namespace?: string
  readonly pod?: string
  readonly container?: string
  readonly stdin?: boolean
  readonly tty?: boolean
}

/** Resolves with the exit code of the command. */
export async function execInApp(
  io: Io,
  { args: [id = ''], flags, rest }: Input<Flags>,
): Promise<number> {
  const query = completeQuery(io, flags, rest)
  const { client, context } = await connect(io, flags)
  const messages = await client.messages('execRemoteApp', {
    params: { id },
    query: { ...namespaceQuery(flags, context), ...query },
  })
  const leaveTerminal = query.tty === true ? enterTerminal(io, messages) : () => undefined
  const stopInput = query.stdin === true ? sendInput(io, messages) : () => undefined
  const abort = (): void => void messages.destroy(interrupted())
  io.signal.addEventListener('abort', abort, { once: true })
  try {
    if (io.signal.aborted) abort()
    return await printOutput(io, messages)
  } finally {
    io.signal.removeEventListener('abort', abort)
    stopInput()
    leaveTerminal()
    messages.destroy()
  }
}

function completeQuery(io: Io, flags: Flags, command: readonly string[]): ExecQuery {
  const { pod, container, stdin = false, tty = false } = flags
  if (command.length === 0)
    throw usageError('say what to run after "--": `porpulsion app exec web -it -- sh`')
  if (tty && (io.stdin.isTTY !== true || io.stdin.setRawMode === undefined)) throw notATerminal()
  const { columns, rows } = io.stdout
  return {
    command: [...command],
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
    ...(stdin && { stdin }),
    ...(tty && { tty }),
    ...(tty && isSize(columns) && isSize(rows) && { columns, rows }),
  }
}

/** Every key goes to the command, Ctrl-C too. The returned function gives the terminal back. */
function enterTerminal({ stdin, stdout }: Io, messages: Duplex): () => void {
  const resize = (): void => {
    const { columns: width, rows: height } = stdout
    if (isSize(width) && isSize(height)) messages.write(encodeResize({ width, height }))
  }
  stdin.setRawMode?.(true)
  stdin.passOutputOn?.()
  stdout.on('resize', resize)
  return () => {
    stdout.off('resize', resize)
    stdin.setRawMode?.(false)
  }
}

/** As fast as the command reads. The returned function leaves stdin alone. */
function sendInput({ stdin }: Io, messages: Duplex): () => void {
  const onData = (chunk: Buffer | string): void => {
    const bytes = Buffer.from(chunk)
    let hasRoom = true
    for (let at = 0; at < bytes.length; at += maxExecPayloadBytes) {
      const piece = bytes.subarray(at, at + maxExecPayloadBytes)
      hasRoom = messages.write(encodeExecMessage(ExecChannel.Stdin, piece))
    }
    if (!hasRoom) stdin.pause()
  }
  const onEnd = (): void => void messages.write(encodeStdinEnd())
  const onDrain = (): void => void stdin.resume()
  stdin.on('data', onData)
  stdin.once('end', onEnd)
  messages.on('drain', onDrain)
  return () => {
    messages.off('drain', onDrain)
    stdin.off('data', onData)
    stdin.off('end', onEnd)
    stdin.pause()
  }
}

async function printOutput(io: Io, messages: Duplex): Promise<number> {
  for await (const message of messages as AsyncIterable<Uint8Array>) {
    const { channel, bytes } = decodeExecMessage(message) ?? {}
    if (channel === ExecChannel.Stdout && bytes !== undefined) await writeBytes(io.stdout, bytes)
    if (channel === ExecChannel.Stderr && bytes !== undefined) await writeBytes(io.stderr, bytes)
    if (channel === ExecChannel.Status) return exitCodeOf(bytes ?? new Uint8Array())
  }
  throw lost()
}

/** A process has one byte for it. */
function exitCodeOf(bytes: Uint8Array): number {
  const status = readExecStatus(bytes)
  if (status === undefined) throw lost()
  if ('exitCode' in status) return Math.min(status.exitCode, 255)
  throw fromProblem(status)
}

const isSize = (cells: number | undefined): cells is number => cells !== undefined && cells > 0

const notATerminal = (): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'NotATerminal',
    '-t needs a terminal on stdin, and stdin is none; leave -t out, -i alone passes a pipe or a file on',
  )

const interrupted = (): PorpulsionError =>
  new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted')

const lost = (): PorpulsionError =>
  new PorpulsionError(
    'Unavailable',
    'ExecLost',
    'The agent ended the connection without saying how the command ended',
  )
