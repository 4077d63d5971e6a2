/** The built-in kinds that code names. What is served, with short names and verbs, is in `resources.ts`. */
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.js'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js'
import type { Lease } from 'kubernetes-types/coordination/v1.js'
import type {
  ConfigMap,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js'
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from 'kubernetes-types/rbac/v1.js'
import type { StorageClass } from 'kubernetes-types/storage/v1.js'
import type { Kind, KubeObject } from './registry.ts'

const rbac = 'rbac.authorization.k8s.io'

export const Kinds = {
  Namespace: kind<Namespace>('', 'v1', 'Namespace', 'namespaces', false),
  Node: kind<Node>('', 'v1', 'Node', 'nodes', false),
  Pod: kind<Pod>('', 'v1', 'Pod', 'pods'),
  Service: kind<Service>('', 'v1', 'Service', 'services'),
  ConfigMap: kind<ConfigMap>('', 'v1', 'ConfigMap', 'configmaps'),
  Secret: kind<Secret>('', 'v1', 'Secret', 'secrets'),
  ServiceAccount: kind<ServiceAccount>('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  Event: kind<Event>('', 'v1', 'Event', 'events'),
  PersistentVolumeClaim: kind<PersistentVolumeClaim>(
    '',
    'v1',
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
  ),
  PersistentVolume: kind<PersistentVolume>(
    '',
    'v1',
    'PersistentVolume',
    'persistentvolumes',
    false,
  ),
  ResourceQuota: kind<ResourceQuota>('', 'v1', 'ResourceQuota', 'resourcequotas'),
  LimitRange: kind<LimitRange>('', 'v1', 'LimitRange', 'limitranges'),
  StorageClass: kind<StorageClass>('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', false),
  Deployment: kind<Deployment>('apps', 'v1', 'Deployment', 'deployments'),
  ReplicaSet: kind<ReplicaSet>('apps', 'v1', 'ReplicaSet', 'replicasets'),
  EndpointSlice: kind<EndpointSlice>('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices'),
  Lease: kind<Lease>('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  Role: kind<Role>(rbac, 'v1', 'Role', 'roles'),
  RoleBinding: kind<RoleBinding>(rbac, 'v1', 'RoleBinding', 'rolebindings'),
  ClusterRole: kind<ClusterRole>(rbac, 'v1', 'ClusterRole', 'clusterroles', false),
  ClusterRoleBinding: kind<ClusterRoleBinding>(
    rbac,
    'v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
    false,
  ),
  CustomResourceDefinition: kind<CustomResourceDefinition>(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    false,
  ),
} as const

function kind<T extends KubeObject>(
  group: string,
  version: string,
  name: string,
  plural: string,
  namespaced = true,
): Kind<T> {
  return { group, version, kind: name, plural, namespaced }
}
