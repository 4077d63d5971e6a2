import { expect, test } from 'vitest'
import { aRegistry } from '../../../test/test-registry.ts'
import { clone } from '../json.ts'
import { Kinds } from '../kinds.ts'
import type { Kind, KubeObject } from '../registry.ts'

const container = { name: 'main', image: 'porpulsion/hello' }
const metadata = { name: 'x', namespace: 'default' }

function podWith(spec: object, inContainer: object = {}): KubeObject {
  const pod = { metadata, spec: { containers: [{ ...container, ...inContainer }], ...spec } }
  return pod
}

function deploymentWith(spec: object): KubeObject {
  const labels = { app: 'x' }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  const deployment = { metadata, spec: { selector: { matchLabels: labels }, template, ...spec } }
  return deployment
}

function serviceWith(spec: object): KubeObject {
  const service = { metadata, spec: { ports: [{ port: 80 }], ...spec } }
  return service
}

const refused: readonly (readonly [string, Kind, KubeObject])[] = [
  ['spec.containers: Required value', Kinds.Pod, podWith({ containers: [] })],
  ['spec.containers[0].image: Required value', Kinds.Pod, podWith({}, { image: '' })],
  [
    'spec.containers[1].name: Duplicate value: "main"',
    Kinds.Pod,
    podWith({ containers: [container, container] }),
  ],
  [
    'spec.initContainers[0].name: Duplicate value: "main"',
    Kinds.Pod,
    podWith({ initContainers: [container] }),
  ],
  [
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    Kinds.Pod,
    podWith({
      initContainers: [
        { ...container, name: 'setup', readinessProbe: { tcpSocket: { port: 80 } } },
      ],
    }),
  ],
  [
    'spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive',
    Kinds.Pod,
    podWith({}, { ports: [{ containerPort: 0 }] }),
  ],
  [
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    Kinds.Pod,
    podWith({ restartPolicy: 'Sometimes' }),
  ],
  [
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    Kinds.Pod,
    podWith({}, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
  ],
  [
    'spec.containers[0].readinessProbe: Required value: must specify a handler type',
    Kinds.Pod,
    podWith({}, { readinessProbe: {} }),
  ],
  [
    'spec.containers[0].livenessProbe.httpGet.port: Required value',
    Kinds.Pod,
    podWith({}, { livenessProbe: { httpGet: {} } }),
  ],
  [
    'spec.containers[0].resources.requests.cpu: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
    Kinds.Pod,
    podWith({}, { resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } }),
  ],
  [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    Kinds.Deployment,
    deploymentWith({
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [container], restartPolicy: 'Never' },
      },
    }),
  ],
  [
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    Kinds.Deployment,
    deploymentWith({ strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } }),
  ],
  [
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    Kinds.Deployment,
    deploymentWith({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
  ],
  ['spec.ports: Required value', Kinds.Service, serviceWith({ ports: [] })],
  [
    'spec.ports[0].name: Required value, spec.ports[1].name: Required value',
    Kinds.Service,
    serviceWith({ ports: [{ port: 80 }, { port: 81 }] }),
  ],
  [
    'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    Kinds.Service,
    serviceWith({ type: 'Magic' }),
  ],
]

test.each(refused)('%s', async (message, kind, object) => {
  const registry = await aRegistry()
  await expect(registry.create(kind, object)).rejects.toMatchObject({
    reason: 'Invalid',
    message: expect.stringContaining(message) as string,
  })
})

test('a pod is what it was made as, but for its image', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.Pod, podWith({}))
  const modify = (change: (spec: { containers: { image?: string; args?: string[] }[] }) => void) =>
    registry.modify(Kinds.Pod, metadata, (draft) => {
      if (draft.spec !== undefined) change(draft.spec)
    })
  const updated = await modify((spec) => {
    spec.containers[0]!.image = 'porpulsion/hello:2'
  })
  expect(updated?.spec?.containers[0]?.image).toBe('porpulsion/hello:2')
  await expect(
    modify((spec) => {
      spec.containers[0]!.args = ['--port', '1']
    }),
  ).rejects.toMatchObject({ reason: 'Invalid' })
})

test('a pod may be scheduled once', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.Pod, podWith({}))
  const schedule = (nodeName: string): Promise<unknown> =>
    registry.modify(Kinds.Pod, metadata, (draft) => {
      Object.assign(draft.spec ?? {}, { nodeName })
    })
  await schedule('one')
  await expect(schedule('two')).rejects.toMatchObject({ reason: 'Invalid' })
})

test('what is limited and not requested is requested at its limit, and decides the class', async () => {
  const registry = await aRegistry()
  const limits = { cpu: '1', memory: '1Gi' }
  const made = await registry.create(Kinds.Pod, podWith({}, { resources: { limits } }))
  expect(made).toMatchObject({
    spec: { containers: [{ resources: { limits, requests: limits } }] },
    status: { qosClass: 'Guaranteed' },
  })
})

test('an immutable config map stays as it is', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.ConfigMap, { metadata, immutable: true, data: { a: 'b' } })
  const change = registry.modify(Kinds.ConfigMap, metadata, (draft) => {
    draft.data = { a: 'c' }
  })
  await expect(change).rejects.toMatchObject({
    message: expect.stringContaining('field is immutable when `immutable` is set') as string,
  })
})

test('a role binding keeps its role', async () => {
  const registry = await aRegistry()
  const binding = {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
    subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 'default' }],
  }
  await registry.create(Kinds.RoleBinding, clone(binding))
  const change = registry.modify(Kinds.RoleBinding, metadata, (draft) => {
    draft.roleRef.name = 'b'
  })
  await expect(change).rejects.toMatchObject({
    message: expect.stringContaining('cannot change roleRef') as string,
  })
})
