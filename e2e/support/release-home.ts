/** An agent as a release of the chart. */
import { Pod } from '@porpulsion/kube'
import { eventually } from './eventually.ts'
import { agentNamespace, type AgentHome, type AgentSettings } from './agent-home.ts'
import { clusterOf } from './cluster.ts'
import { chartDirectory, type Helm, type Values } from './helm.ts'
import type { Kubectl } from './kubectl.ts'

export interface ReleaseDeps {
  readonly helm: Helm
  readonly kubectl: Kubectl
  readonly kubeconfig: string
}

const release = 'porpulsion'
const agentPods = { 'app.kubernetes.io/component': 'agent' }
/** Nothing that needs more than the level "restricted" would start there. */
const strictNamespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: agentNamespace,
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
}
const podPorts = { dashboard: 8000, peer: 8001 } as const

/** `image` as `repository:tag`; it must be there already, or where the cluster finds it. */
export async function releaseHome(
  { helm, kubectl, kubeconfig }: ReleaseDeps,
  { name, selfUrl }: AgentSettings,
  image: string,
): Promise<AgentHome> {
  const client = await clusterOf(kubeconfig)
  const [, repository = '', tag = ''] = /^(.*):([^:/]+)$/.exec(image) ?? []
  const values = (logLevel: string): Values => ({
    image: { repository, tag },
    agent: {
      agentName: name,
      logLevel,
      ...(selfUrl === undefined ? { outboundOnly: true } : { selfUrl, allowInsecureUrl: true }),
    },
  })
  const where = ['--namespace', agentNamespace]
  const install = async (logLevel: string): Promise<void> => {
    await kubectl.out('apply -f -', { stdin: JSON.stringify(strictNamespace) })
    const args = ['upgrade', '--install', release, chartDirectory, ...where]
    await helm.out([...args, '--wait', '--timeout', '3m'], values(logLevel))
  }
  const readyPod = async (): Promise<Pod> => {
    const { items } = await client.list(Pod, {
      namespace: agentNamespace,
      labelSelector: agentPods,
    })
    const ready = items.find(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true,
    )
    if (ready === undefined) throw new Error(`No pod of agent ${name} is ready`)
    return ready
  }

  return {
    install: () => install('info'),
    upgrade: () => install('debug'),
    async kill() {
      const selector = Object.entries(agentPods)
        .map((pair) => pair.join('='))
        .join()
      const gone = (await readyPod()).metadata?.uid
      const args = ['delete', 'pod', '--selector', selector, '--grace-period=0', '--force']
      await kubectl.out(['--namespace', agentNamespace, ...args])
      await eventually(`another pod of agent ${name} is ready`, 60_000, async () => {
        if ((await readyPod()).metadata?.uid === gone) throw new Error('It is still the old one')
      })
    },
    async uninstall() {
      await helm.out([
        'uninstall',
        release,
        ...where,
        '--ignore-not-found',
        '--wait',
        '--timeout',
        '4m',
      ])
    },
    async dial(port) {
      const { namespace = '', name = '' } = (await readyPod()).metadata ?? {}
      return await client.portForward({ namespace, name }, podPorts[port])
    },
  }
}
