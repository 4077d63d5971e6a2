import { usageError } from '../../input/values.ts'
import type { Input } from '../../command.ts'
import { noteLine, type Io } from '../../io.ts'
import { clusterSource, type ClusterFlags } from './cluster-source.ts'

interface Flags extends ClusterFlags {
  readonly namespace?: string
  readonly deployment?: string
}

export async function retireAgent(io: Io, { flags }: Input<Flags>): Promise<void> {
  if ((flags.inCluster === true) === (flags.kubeconfig !== undefined))
    throw usageError('Name the cluster of the agent: either --in-cluster or --kubeconfig FILE')
  const { optionsFromEnvironment, retire } = await import('@porpulsion/agent')
  const namespace = flags.namespace ?? optionsFromEnvironment(io.env).namespace
  const { released, removedServices } = await retire(
    {
      cluster: await clusterSource(io, flags),
      environment: io.env,
      ...(namespace !== undefined && { namespace }),
    },
    {
      signal: io.signal,
      ...(flags.deployment !== undefined && { deployment: flags.deployment }),
    },
  )
  const done = released.map(({ kind, count }) => `${count} ${kind}${count === 1 ? '' : 's'}`)
  if (removedServices > 0)
    await noteLine(
      io,
      `Removed ${removedServices} ${removedServices === 1 ? 'Service' : 'Services'} of exposed ports`,
    )
  await noteLine(io, `Let go of ${done.join(', ')}; all of it stays, and apps go on running`)
}
