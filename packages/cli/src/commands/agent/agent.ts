import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { AgentOptions, RunningAgent } from '@porpulsion/agent'
import { builtAsset } from '../../assets.ts'
import type { Input } from '../../command.ts'
import { letHeapGrow } from '../../heap-growth.ts'
import { isAbort, untilAborted } from '../../input/abort.ts'
import { integer, usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { clusterSource, type ClusterFlags } from './cluster-source.ts'
import { startCluster, type StartedCluster } from '../cluster/start-cluster.ts'

interface Flags extends ClusterFlags {
  readonly name?: string
  readonly embedded?: boolean
  readonly dataDir?: string
  readonly namespace?: string
  readonly selfUrl?: string
  readonly host?: string
  readonly dashboardPort?: string
  readonly peerPort?: string
  readonly allowedHost?: readonly string[]
  readonly proxyDomain?: string
  readonly trustedProxy?: readonly string[]
  readonly podsReachable?: boolean
  readonly adminTokenFile?: string
  readonly auditFile?: string
  readonly logLevel?: NonNullable<AgentOptions['logLevel']>
}

/** With a hundred apps 40 MB are left of the heap; at rest V8 would allow as much by itself. */
const heapGrowthPercent = 200

export async function runAgent(io: Io, { flags }: Input<Flags>): Promise<void> {
  assertOneCluster(flags)
  letHeapGrow(heapGrowthPercent)
  const { startAgent, optionsFromEnvironment } = await import('@porpulsion/agent')
  const cluster = flags.embedded === true ? await startEmbedded(io, flags) : undefined
  try {
    const agent = await startAgent(
      {
        name: hostLabel(),
        environment: io.env,
        ...(cluster !== undefined && { podsReachable: true }),
        ...optionsFromEnvironment(io.env),
        ...agentOptions(io, flags),
        cluster: cluster?.source ?? (await clusterSource(io, flags)),
      },
      { signal: io.signal },
    )
    try {
      io.announceReady()
      await noteLine(io, `Agent "${agent.name}" is ready: ${agent.dashboardUrl}`)
      await offerLogin(io, agent, flags)
      await untilAborted(io.signal)
    } finally {
      await agent.stop()
    }
  } catch (error) {
    // Told to end while it was still starting.
    if (!io.signal.aborted || !isAbort(error)) throw error
  } finally {
    await cluster?.stop()
  }
}

/** On loopback and any free port, wherever the agent listens: it is for this agent, and for kubectl beside it. */
function startEmbedded(io: Io, { name, dataDir }: Flags): Promise<StartedCluster> {
  return startCluster(io, {
    port: '0',
    ...(name !== undefined && { name }),
    ...(dataDir !== undefined && { dataDir }),
  })
}

/** The first person gets in by a link. Only a terminal may show it: logs are kept, and read by others. */
async function offerLogin(io: Io, agent: RunningAgent, { adminTokenFile }: Flags): Promise<void> {
  if (adminTokenFile !== undefined) return
  const isTerminal = io.stderr.isTTY === true
  const offer = await agent.offerFirstLogin(isTerminal ? 'terminal' : 'secret')
  if (offer === undefined) return
  await noteLine(io, `Sign in, once: ${isTerminal ? offer : `the link lies in ${offer}`}`)
}

function assertOneCluster({ inCluster, kubeconfig, embedded }: Flags): void {
  const named = [inCluster === true, kubeconfig !== undefined, embedded === true].filter(Boolean)
  if (named.length === 1) return
  throw usageError(
    'Name the cluster this agent belongs to: exactly one of --in-cluster, --kubeconfig FILE and --embedded',
  )
}

/** Only what was said: for the rest the environment, then the agent, decide. */
function agentOptions({ cwd }: Io, flags: Flags): Partial<AgentOptions> {
  const { dashboardPort, peerPort, allowedHost, trustedProxy, adminTokenFile, auditFile } = flags
  const dashboardDir = builtAsset('dashboard')
  return {
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.namespace !== undefined && { namespace: flags.namespace }),
    ...(flags.selfUrl !== undefined && { selfUrl: flags.selfUrl }),
    ...(flags.host !== undefined && { host: flags.host }),
    ...(dashboardPort !== undefined && { dashboardPort: port('--dashboard-port', dashboardPort) }),
    ...(peerPort !== undefined && { peerPort: port('--peer-port', peerPort) }),
    ...(allowedHost !== undefined && { allowedHosts: allowedHost }),
    ...(flags.proxyDomain !== undefined && { proxyDomain: flags.proxyDomain }),
    ...(trustedProxy !== undefined && { trustedProxies: trustedProxy }),
    ...(flags.podsReachable === true && { podsReachable: true }),
    ...(adminTokenFile !== undefined && { adminTokenFile: resolve(cwd, adminTokenFile) }),
    ...(auditFile !== undefined && { auditFile: resolve(cwd, auditFile) }),
    ...(flags.logLevel !== undefined && { logLevel: flags.logLevel }),
    ...(dashboardDir !== undefined && { dashboardDir }),
  }
}

const port = (flag: string, text: string): number => integer(flag, text, { min: 0, max: 65_535 })

/** The machine's name as a DNS label, for an agent that was given none. */
const hostLabel = (): string =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
