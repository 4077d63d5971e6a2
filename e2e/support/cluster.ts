/** Looks into a cluster directly, past the agent: what is really there. */
import {
  resourceKind,
  loadKubeconfig,
  KubeClient,
  Deployment,
  Pod,
  Service,
  type KubeObject,
} from '@porpulsion/kube'
import {
  API_GROUP,
  API_VERSION,
  PEER_NAMESPACE_PREFIX,
  type ExecutingApp,
  type Peer,
  type RemoteApp,
} from '@porpulsion/contract'

const ours = { group: API_GROUP, version: API_VERSION, namespaced: true } as const
export const RemoteApps = resourceKind<RemoteApp>({
  ...ours,
  kind: 'RemoteApp',
  plural: 'remoteapps',
})
export const Peers = resourceKind<Peer>({ ...ours, kind: 'Peer', plural: 'peers' })
export const ExecutingApps = resourceKind<ExecutingApp>({
  ...ours,
  kind: 'ExecutingApp',
  plural: 'executingapps',
})

export async function clusterOf(kubeconfig: string): Promise<KubeClient> {
  return new KubeClient(await loadKubeconfig(kubeconfig), { fieldManager: 'e2e' })
}

/** Names of everything that runs for peers, by kind. */
export async function hosted(
  client: KubeClient,
): Promise<Readonly<Record<'apps' | 'deployments' | 'services' | 'pods', string[]>>> {
  const inPeerNamespaces = (items: readonly KubeObject[]): string[] =>
    items
      .filter((item) => item.metadata?.namespace?.startsWith(PEER_NAMESPACE_PREFIX) === true)
      .map((item) => item.metadata?.name ?? '')
      .sort()
  const [apps, deployments, services, pods] = await Promise.all([
    client.list(ExecutingApps),
    client.list(Deployment),
    client.list(Service),
    client.list(Pod),
  ])
  return {
    apps: inPeerNamespaces(apps.items),
    deployments: inPeerNamespaces(deployments.items),
    services: inPeerNamespaces(services.items),
    pods: inPeerNamespaces(pods.items),
  }
}
