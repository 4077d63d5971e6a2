/** The node object: what `kubectl get nodes` shows, and where the agent reads the cluster's capacity. */
import { arch, cpus, platform, release, totalmem } from 'node:os'
import type { NodeStatus } from 'kubernetes-types/core/v1.js'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import { timestamp } from '../registry/metadata.ts'
import type { Registry } from '../registry/registry.ts'

/** Many small pods are what an embedded cluster is for; each is a process of some 40 MiB. */
const maxPods = 500

/** How this machine is reached by its own pods. */
export const nodeAddress = '127.0.0.1'

export function nodeCapacity(): Record<string, string> {
  return {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(maxPods),
  }
}

export function nodeLabels(nodeName: string): Record<string, string> {
  const architecture = arch() === 'x64' ? 'amd64' : arch()
  return {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': platform(),
    'kubernetes.io/arch': architecture,
  }
}

export async function registerNode(
  registry: Registry,
  nodeName: string,
  nowMs: number,
): Promise<void> {
  const labels = nodeLabels(nodeName)
  try {
    await registry.create(Kinds.Node, { metadata: { name: nodeName, labels }, spec: {} })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  await registry.modify(
    Kinds.Node,
    { name: nodeName },
    (node) => {
      const since = node.status?.conditions?.find(
        ({ type }) => type === 'Ready',
      )?.lastTransitionTime
      return Object.assign(node, {
        status: nodeStatus(nodeName, labels, since ?? timestamp(nowMs)),
      })
    },
    { subresource: 'status', fieldManager: 'kubelet' },
  )
}

function nodeStatus(
  nodeName: string,
  labels: Readonly<Record<string, string>>,
  since: string,
): NodeStatus {
  const capacity = nodeCapacity()
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: since,
    lastHeartbeatTime: since,
  })
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: nodeAddress },
      { type: 'Hostname', address: nodeName },
    ],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'memory is not watched'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'disk is not watched'),
      condition('Ready', 'True', 'KubeletReady', 'pods run as processes of this machine'),
    ],
    nodeInfo: {
      architecture: labels['kubernetes.io/arch'] ?? '',
      operatingSystem: labels['kubernetes.io/os'] ?? '',
      kernelVersion: release(),
      osImage: 'embedded cluster',
      containerRuntimeVersion: `process://${process.versions.node}`,
      kubeletVersion: 'embedded',
      kubeProxyVersion: 'embedded',
      bootID: '',
      machineID: '',
      systemUUID: '',
    },
  }
}
