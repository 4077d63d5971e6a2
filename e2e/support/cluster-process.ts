/** One embedded cluster that may be killed and started again, and the processes of its pods. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeClient } from '@porpulsion/kube'
import { clusterOf } from './cluster.ts'

const main = join(import.meta.dirname, 'embedded-cluster-main.ts')

export interface ClusterProcess {
  readonly dir: string
  readonly client: KubeClient
  start(): Promise<void>
  /** SIGKILL: nothing is flushed, nobody is told. */
  kill(): Promise<void>
  /** SIGTERM: an orderly end. */
  stop(): Promise<void>
  /** Process ids of its pods, whether it runs or not. */
  podProcesses(): number[]
  /** Ends and forgets everything. */
  remove(): Promise<void>
}

export async function startClusterProcess(): Promise<ClusterProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  const port = await freePort()
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    child = fork(main, [dir, String(port)], { execArgv: ['--import', 'tsx'], stdio: 'inherit' })
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('The cluster ended at its start'))),
    ])
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  const podProcesses = (): number[] =>
    readdirSync('/proc')
      .map(Number)
      .filter(Number.isInteger)
      .filter((pid) => environmentOf(pid).includes(`\0POD_ROOT=${dir}/`))

  await start()
  const client = await clusterOf(join(dir, 'kubeconfig'))
  return {
    dir,
    client,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    podProcesses,
    async remove() {
      await client.close()
      await end('SIGKILL')
      for (const pid of podProcesses()) process.kill(pid, 'SIGKILL')
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** With a separator before each variable; empty for a process that has ended, or is not ours. */
function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
  } catch {
    return ''
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
