/**
 * A command of this machine on a terminal of its own. The terminal is made by node-pty, which is optional because its
 * native part is not there for every machine; then by `script`, whose terminal keeps the size it was born with.
 */
import { readSync } from 'node:fs'
import { PassThrough, Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import type * as NodePty from '@lydell/node-pty'
import type { CommandEnd, TerminalSize } from '../registry/ports.ts'
import { type FoundCommand, type StartedCommand, startOnPipes } from './command-on-pipes.ts'

const initialSize = { cols: 80, rows: 24 }

/** What a terminal takes for the end of its input: control-D. */
const endOfTransmission = Buffer.from([4])

export async function startOnTerminal(command: FoundCommand): Promise<StartedCommand> {
  const pty = await loadPty()
  return pty === undefined ? startWithScript(command) : startWithPty(pty, command)
}

async function loadPty(): Promise<typeof NodePty | undefined> {
  try {
    return await import('@lydell/node-pty')
  } catch {
    return undefined
  }
}

function startWithPty(pty: typeof NodePty, command: FoundCommand): StartedCommand {
  const { file, args, cwd, env } = command
  const name = env['TERM'] ?? 'xterm'
  const terminal = pty.spawn(file, [...args], { ...initialSize, name, cwd, env, encoding: null })
  const inside = insideOf(terminal)
  const { _socket: socket } = inside
  // It ends with an error when the command does, and when something is typed after that: node-pty throws what it alone
  // hears of.
  socket.on('error', () => undefined)
  let hasEnded = false
  const killAll = (): void => {
    if (!hasEnded) command.killAll(terminal.pid)
  }
  const stdout = readAll(inside, killAll)
  const ended = new Promise<CommandEnd>((resolve) => {
    terminal.onExit(({ exitCode, signal = 0 }) => {
      hasEnded = true
      stdout.end()
      resolve({ kind: 'exited', exitCode: signal > 0 ? 128 + signal : exitCode })
    })
  })
  return {
    pid: terminal.pid,
    ...(command.stdin && { stdin: inputOf(socket) }),
    stdout,
    ended,
    resize: ({ columns, rows }: TerminalSize) => {
      if (!hasEnded) terminal.resize(columns, rows)
    },
    kill: killAll,
  }
}

/** What node-pty keeps to itself, in the one version we take: in public it offers no backpressure on writing. */
interface Inside {
  readonly _socket: ReadStream
  readonly fd: number
}

function insideOf(terminal: NodePty.IPty): Inside {
  return terminal as unknown as Inside
}

/** node-pty closes a terminal soon after its command has ended, whether it was read to its end or not. */
function readAll({ _socket: socket, fd }: Inside, killAll: () => void): PassThrough {
  const stdout = new PassThrough()
  let isLast = false
  socket.on('data', (chunk: Buffer) => {
    if (!stdout.write(chunk) && !isLast) socket.pause()
  })
  stdout.on('drain', () => socket.resume())
  const destroy = socket.destroy.bind(socket)
  let hasHungUp = false
  socket.destroy = (error) => {
    // A terminal that nobody has open is not the end: a program may leave it before it exits, and would not survive that
    // we close it. node-pty comes again when it has exited.
    if (error !== undefined || (socket.readableEnded && !hasHungUp)) {
      hasHungUp = true
      return socket
    }
    socket.destroy = destroy
    isLast = true
    killAll()
    // If the reader is slow, the end of the output is still here: in the socket, and in the terminal.
    while (socket.read() !== null);
    for (const chunk of unread(fd)) stdout.write(chunk)
    return destroy(error)
  }
  return stdout
}

/** A terminal holds a few ten KiB; the bound is for whoever goes on writing. */
const maxUnreadBytes = 1024 * 1024

function* unread(fd: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(64 * 1024)
  for (let total = 0; total < maxUnreadBytes;) {
    const count = readNow(fd, buffer)
    if (count === 0) return
    total += count
    yield Buffer.from(buffer.subarray(0, count))
  }
}

/** 0 if there is nothing (EAGAIN), or nobody who could still write (EIO). */
function readNow(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer)
  } catch {
    return 0
  }
}

function inputOf(socket: ReadStream): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done)
    },
    final: (done) => {
      socket.write(endOfTransmission, done)
    },
  })
}

function startWithScript(command: FoundCommand): StartedCommand {
  const words = [command.file, ...command.args].map(quote).join(' ')
  const size = `stty cols ${initialSize.cols} rows ${initialSize.rows}`
  const { stderr, ...session } = startOnPipes({
    ...command,
    env: { TERM: 'xterm', ...command.env },
    file: '/usr/bin/script',
    args: ['-qefc', `${size}; exec ${words}`, '/dev/null'],
  })
  // Only `script` itself could have something to say there.
  stderr?.resume()
  return session
}

/** For a shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
