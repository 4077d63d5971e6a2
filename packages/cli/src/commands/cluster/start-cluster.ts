import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ClusterSource } from '@porpulsion/agent'
import { integer } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { lineLogger } from '../../output/line-logger.ts'

export interface ClusterFlags {
  readonly name?: string
  readonly dataDir?: string
  readonly host?: string
  readonly port?: string
  readonly kubeconfig?: string
  readonly allowHostProcesses?: boolean
}

export interface StartedCluster {
  readonly source: Extract<ClusterSource, { kind: 'kubeconfig' }>
  readonly stop: () => Promise<void>
}

/** An embedded cluster in this process. Its pods end with it, and start again with the next one. */
export async function startCluster(io: Io, flags: ClusterFlags): Promise<StartedCluster> {
  const port = integer('--port', flags.port ?? '6443', { min: 0, max: 65_535 })
  const dir = resolve(io.cwd, flags.dataDir ?? 'porpulsion-data')
  const file = resolve(io.cwd, flags.kubeconfig ?? join(dir, 'kubeconfig'))
  const { startEmbeddedCluster } = await import('@porpulsion/embedded-cluster')
  const cluster = await startEmbeddedCluster({
    dir,
    port,
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.host !== undefined && { host: flags.host }),
    logger: lineLogger(io),
    runtime: { podsAtStop: 'kill', allowHostProcesses: flags.allowHostProcesses === true },
  })
  await writeKubeconfig(file, cluster.kubeconfig())
  await noteLine(io, `Embedded cluster: ${cluster.url}; pods run as processes of this machine.`)
  return { source: { kind: 'kubeconfig', file }, stop: () => cluster.stop() }
}

/** It holds the administrator's token. */
async function writeKubeconfig(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, file)
}
