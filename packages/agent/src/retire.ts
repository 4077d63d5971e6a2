import { connectCluster, retireAgent, type Retired } from './cluster/index.ts'
import { completeOptions, type AgentOptions } from './config.ts'
import { createMetrics, systemClock } from './observability/index.ts'
import { version } from './version.ts'

/** Lets go of everything an agent that is uninstalled would hold back; for what runs it changes nothing. */
export async function retire(
  given: Pick<AgentOptions, 'cluster' | 'namespace' | 'environment'>,
  { deployment, signal }: { readonly deployment?: string; readonly signal: AbortSignal },
): Promise<Retired> {
  const { cluster, namespace, environment } = completeOptions({ ...given, name: 'retired' })
  const clock = systemClock
  const metrics = createMetrics({ processMetrics: false })
  const client = await connectCluster({ ...cluster, environment }, { clock, metrics, version })
  try {
    const options = { namespace, ...(deployment !== undefined && { deployment }) }
    return await retireAgent({ client, clock }, options, signal)
  } finally {
    await client.close()
  }
}
