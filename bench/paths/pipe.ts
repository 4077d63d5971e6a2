import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { selfSigned } from '../self-signed.ts'
import type { PipeOrder } from '../pipe-end.ts'
import { endChild } from './child-path.ts'
import type { Path, Pod } from './path.ts'

/** TCP, WebSocket with inner TLS, TCP, in two processes as two agents are: what the transport costs anyway. */
export async function pipePath(pod: Pod): Promise<Path> {
  const keys = await selfSigned('pipe')
  const ends: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(ends.map(endChild))
  }
  const begin = async (order: PipeOrder): Promise<number> => {
    const program = join(import.meta.dirname, '../pipe-end.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    ends.push(child)
    child.stdin.write(`${JSON.stringify(order)}\n`)
    const ended = once(child, 'exit').then(() =>
      Promise.reject(new Error('An end of the pipe ended')),
    )
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [
      string,
    ] // its port
    ended.catch(() => undefined)
    return Number(line)
  }
  try {
    const farPort = await begin({ ...keys, end: 'far', host: pod.address, port: pod.port })
    const port = await begin({ ...keys, end: 'near', host: '127.0.0.1', port: farPort })
    const pids = ends.map(({ pid }) => pid ?? 0)
    return { path: 'pipe', host: '127.0.0.1', port, headers: {}, pids: () => pids, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
