/** What outlives an agent that is uninstalled, on purpose; and how to be rid of it, as docs/operations.md says. */
import { agentNamespace } from './agent-home.ts'
import type { Side } from './side.ts'

const kinds = ['peers', 'remoteapps', 'executingapps'].map((plural) => `${plural}.porpulsion.io`)
/** Cluster-wide, and so of no namespace that takes them along. */
const clusterWide = [
  ...['namespaces', 'customresourcedefinitions', 'clusterroles', 'clusterrolebindings'],
  ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
]

/** Names of everything of ours in a cluster, as `namespace/porpulsion`. */
export async function remains({ kubectl }: Side): Promise<string[]> {
  const known = await kubectl.out('api-resources --namespaced=false --output=name')
  const served = clusterWide.filter((plural) => new RegExp(`^${plural}\\b`, 'm').test(known))
  const names = await kubectl.out(['get', served.join(','), '--output=name'])
  return names.split('\n').filter((name) => name.includes('porpulsion'))
}

export async function removeRemains({ kubectl }: Side): Promise<void> {
  const remove = (...what: string[]): Promise<string> =>
    kubectl.out(['delete', ...what, '--ignore-not-found', '--timeout=60s'], { timeoutMs: 70_000 })
  await remove('namespace', '--selector', 'porpulsion.io/peer')
  await remove('crd', ...kinds)
  await remove('namespace', agentNamespace)
}
