import { formatFingerprint, type AgentStatus } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age } from '../../output/age.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { facts } from '../../output/table.ts'

export async function showStatus(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const status = await client.call('getStatus')
  await printObject(io, flags, status, {
    nameOf: ({ name }) => `agent/${name}`,
    describe: (agent) => describe(agent, context.url, io.now()),
  })
}

function describe(agent: AgentStatus, dashboard: string, nowMs: number): string[] {
  const { cluster, peers, remoteApps, executingApps, notifications } = agent
  return facts([
    ['Agent', `${agent.name} (version ${agent.version}, up ${age(agent.startedAt, nowMs)})`],
    ['Fingerprint', formatFingerprint(agent.fingerprint)],
    ['Page', dashboard],
    ['Peers reach it at', agent.url ?? 'nowhere: it has no URL, so it dials them'],
    ['Cluster', clusterLine(cluster)],
    ['Namespace', agent.namespace],
    ['Peers', `${peers.connected} of ${peers.total} connected`],
    ['Apps at peers', `${remoteApps.ready} of ${remoteApps.total} ready`],
    ['Apps of peers here', `${executingApps.ready} of ${executingApps.total} ready`],
    ['Notifications', `${notifications.unacknowledged} new`],
  ])
}

function clusterLine({ kind, version, ready, message }: AgentStatus['cluster']): string {
  const state = ready ? 'ready' : `not ready${message === undefined ? '' : `: ${message}`}`
  return `${kind}${version === undefined ? '' : ` ${version}`}, ${state}`
}
