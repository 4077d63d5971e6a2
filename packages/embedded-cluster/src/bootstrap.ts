/** What a cluster has from its first moment: namespaces, a storage class and the roles people expect. */
import type { ClusterRole } from 'kubernetes-types/rbac/v1.js'
import { isReason } from './registry/api-error.ts'
import { Kinds } from './registry/kinds.ts'
import {
  defaultClassAnnotation,
  directoryClass,
  directoryProvisioner,
} from './registry/persistent-storage.ts'
import type { Kind, KubeObject, Registry } from './registry/registry.ts'

const readVerbs = ['get', 'list', 'watch']
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update']
const builtin = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

const workloads = [
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'deployments/scale', 'replicasets', 'replicasets/scale'],
  },
  {
    apiGroups: [''],
    resources: [
      'pods',
      'services',
      'endpoints',
      'configmaps',
      'persistentvolumeclaims',
      'serviceaccounts',
    ],
  },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
]
const observed = [
  {
    apiGroups: [''],
    resources: ['pods/log', 'pods/status', 'events', 'namespaces', 'resourcequotas', 'limitranges'],
  },
  { apiGroups: ['apps'], resources: ['deployments/status', 'replicasets/status'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'] },
]

const viewRules = [...workloads, ...observed].map((rule) => ({ ...rule, verbs: readVerbs }))
const editRules = [
  ...viewRules,
  ...workloads.map((rule) => ({ ...rule, verbs: writeVerbs })),
  { apiGroups: [''], resources: ['secrets'], verbs: [...readVerbs, ...writeVerbs] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: [...readVerbs, ...writeVerbs],
  },
]
const adminRules = [
  ...editRules,
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: [...readVerbs, ...writeVerbs],
  },
]

const roles: readonly ClusterRole[] = [
  role('cluster-admin', [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ]),
  // Custom resources join these by the labels Kubernetes documents for it.
  { ...role('admin', adminRules), aggregationRule: aggregation('admin') },
  { ...role('edit', editRules), aggregationRule: aggregation('edit') },
  { ...role('view', viewRules), aggregationRule: aggregation('view') },
]

function role(name: string, rules: NonNullable<ClusterRole['rules']>): ClusterRole {
  return { metadata: { name, labels: builtin }, rules }
}

function aggregation(name: string): NonNullable<ClusterRole['aggregationRule']> {
  const label = `rbac.authorization.k8s.io/aggregate-to-${name}`
  return { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] }
}

/** Makes what is missing; what an owner has changed stays changed. */
export async function bootstrap(registry: Registry): Promise<void> {
  const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
  await Promise.all([
    ...namespaces.map((name) => ensure(registry, Kinds.Namespace, { metadata: { name } })),
    ...roles.map((one) => ensure(registry, Kinds.ClusterRole, one)),
    ensure(registry, Kinds.StorageClass, {
      metadata: { name: directoryClass, annotations: { [defaultClassAnnotation]: 'true' } },
      provisioner: directoryProvisioner,
      allowVolumeExpansion: true,
    }),
    ensure(registry, Kinds.ClusterRoleBinding, {
      metadata: { name: 'cluster-admin', labels: builtin },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' }],
    }),
  ])
}

async function ensure<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  object: T,
): Promise<void> {
  try {
    await registry.create(kind, object, { fieldManager: 'bootstrap' })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
