import type { Input } from '../../command.ts'
import { untilAborted } from '../../input/abort.ts'
import { noteLine, type Io } from '../../io.ts'
import { startCluster, type ClusterFlags } from './start-cluster.ts'

export async function runCluster(io: Io, { flags }: Input<ClusterFlags>): Promise<void> {
  const cluster = await startCluster(io, flags)
  io.announceReady()
  await noteLine(io, `kubectl --kubeconfig ${cluster.source.file} get all -A`)
  await untilAborted(io.signal)
  await cluster.stop()
}
