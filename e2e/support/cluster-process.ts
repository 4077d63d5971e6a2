/** One embedded cluster that may be killed and started again, and the processes of its pods. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeClient } from '@porpulsion/kube'
import { endChild, forkUntilReady } from './child.ts'
import { clusterOf } from './cluster.ts'
import { freePort } from './free-port.ts'

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
    const options = { execArgv: ['--import', 'tsx'], stdio: 'inherit' as const }
    child = await forkUntilReady(main, [dir, String(port)], options)
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
    kill: () => endChild(child, 'SIGKILL'),
    stop: () => endChild(child, 'SIGTERM'),
    podProcesses,
    async remove() {
      await client.close()
      await endChild(child, 'SIGKILL')
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
