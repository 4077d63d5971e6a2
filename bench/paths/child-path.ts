import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Path, PathName } from './path.ts'

const startTimeoutMs = 30_000

/** A program that listens on a port of this machine once it is ready, and ends when told to. */
export async function childPath(
  path: PathName,
  child: ChildProcess,
  port: number,
  pids: (pid: number) => readonly number[] | Promise<readonly number[]>,
): Promise<Path> {
  let said = ''
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-1_000)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  child.on('error', (error) => (said += error.message))
  const stop = (): Promise<void> => endChild(child)
  try {
    await untilListening(port, child)
  } catch (cause) {
    await stop()
    throw new Error(`${path}: ${said.trim() || 'it did not start'}`, { cause })
  }
  const { pid } = child
  if (pid === undefined) throw new Error(`${path}: it has no process`)
  return { path, host: '127.0.0.1', port, headers: {}, pids: () => pids(pid), stop }
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs
  while (!(await accepts(port))) {
    if (hasEnded(child)) throw new Error('The program ended')
    if (performance.now() > deadline) throw new Error(`Not listening within ${startTimeoutMs} ms`)
    await wait(50)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

const graceMs = 3_000

/** Asks first; does not wait for ever. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await gone
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}
