/**
 * How lists of built-in kinds are merged; everything not named here is replaced as a whole. Server-side apply and
 * strategic merge do not always agree, so both are given.
 */
import type { ListMerge } from './shape.ts'

export interface ListRule {
  /** Server-side apply. */
  readonly merge: ListMerge
  /** Strategic merge: elements merge by this key. */
  readonly patchKey?: string
  /** Strategic merge: a list of scalars that is merged as a set. */
  readonly patchSet?: boolean
}

/** Lists of things told apart by one field, alike for both ways of merging. */
function keyedBy(key: string): ListRule {
  return { merge: { kind: 'map', keys: [key], defaults: {} }, patchKey: key }
}

const byName = keyedBy('name')
const byType = keyedBy('type')
const scalarSet: ListRule = { merge: { kind: 'set' } }
const mergedSet: ListRule = { merge: { kind: 'set' }, patchSet: true }

export const listRules: Readonly<Record<string, ListRule>> = {
  'meta.ObjectMeta.finalizers': mergedSet,
  'meta.ObjectMeta.ownerReferences': keyedBy('uid'),

  'core.PodSpec.containers': byName,
  'core.PodSpec.initContainers': byName,
  'core.PodSpec.ephemeralContainers': byName,
  'core.PodSpec.volumes': byName,
  'core.PodSpec.imagePullSecrets': byName,
  'core.PodSpec.schedulingGates': byName,
  'core.PodSpec.resourceClaims': byName,
  'core.PodSpec.hostAliases': keyedBy('ip'),
  'core.PodSpec.topologySpreadConstraints': {
    merge: { kind: 'map', keys: ['topologyKey', 'whenUnsatisfiable'], defaults: {} },
    patchKey: 'topologyKey',
  },
  'core.PodStatus.conditions': byType,
  'core.PodStatus.podIPs': keyedBy('ip'),
  'core.PodStatus.hostIPs': { merge: { kind: 'atomic' }, patchKey: 'ip' },

  'core.Container.env': byName,
  'core.Container.ports': containerPorts(),
  'core.Container.volumeMounts': keyedBy('mountPath'),
  'core.Container.volumeDevices': keyedBy('devicePath'),
  'core.EphemeralContainer.env': byName,
  'core.EphemeralContainer.ports': containerPorts(),
  'core.EphemeralContainer.volumeMounts': keyedBy('mountPath'),
  'core.EphemeralContainer.volumeDevices': keyedBy('devicePath'),
  'core.ResourceRequirements.claims': { merge: { kind: 'map', keys: ['name'], defaults: {} } },

  'core.ServiceSpec.ports': {
    merge: { kind: 'map', keys: ['port', 'protocol'], defaults: { protocol: 'TCP' } },
    patchKey: 'port',
  },
  'core.ServiceStatus.conditions': byType,
  'core.ServiceAccount.secrets': byName,
  'core.NamespaceStatus.conditions': byType,
  'core.NodeSpec.podCIDRs': mergedSet,
  'core.NodeSpec.taints': { merge: { kind: 'atomic' } },
  'core.NodeStatus.addresses': byType,
  'core.NodeStatus.conditions': byType,
  'core.PersistentVolumeClaimStatus.conditions': byType,

  'apps.DeploymentStatus.conditions': byType,
  'apps.ReplicaSetStatus.conditions': byType,

  'discovery.Endpoint.addresses': scalarSet,
  'networking.IngressSpec.tls': { merge: { kind: 'atomic' } },
  'policy.PodDisruptionBudgetStatus.conditions': byType,
  'apiextensions.CustomResourceDefinitionStatus.conditions': {
    merge: { kind: 'map', keys: ['type'], defaults: {} },
  },
  'admissionregistration.ValidatingAdmissionPolicySpec.matchConditions': byName,
  'admissionregistration.ValidatingAdmissionPolicySpec.variables': byName,
  'admissionregistration.ValidatingAdmissionPolicyStatus.conditions': {
    merge: { kind: 'map', keys: ['type'], defaults: {} },
  },
}

/** One number may be exposed for TCP and for UDP. */
function containerPorts(): ListRule {
  return {
    merge: { kind: 'map', keys: ['containerPort', 'protocol'], defaults: { protocol: 'TCP' } },
    patchKey: 'containerPort',
  }
}

/** Types and maps that are owned and replaced as a whole. */
export const atomicTypes: ReadonlySet<string> = new Set([
  'meta.LabelSelector',
  'core.ConfigMapKeySelector',
  'core.SecretKeySelector',
  'core.ObjectFieldSelector',
  'core.ResourceFieldSelector',
  'core.LocalObjectReference',
  'core.ObjectReference',
  'core.SecretReference',
  'core.TypedLocalObjectReference',
  'core.NodeSelector',
  'core.NodeSelectorTerm',
  'core.ScopeSelector',
  'core.PodSpec.nodeSelector',
  'core.ServiceSpec.selector',
  'core.EndpointAddress',
  'core.EndpointPort',
  'core.TopologySelectorTerm',
  'meta.OwnerReference',
  'rbac.RoleRef',
  'rbac.Subject',
])
