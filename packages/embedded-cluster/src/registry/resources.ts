/** The built-in resources: names, versions, what kubectl shows, and the rules of each kind. */
import type { BuiltinShapes } from './builtin-shapes.ts'
import type { ObjectShape } from './shape.ts'
import * as columns from './columns.ts'
import { coreEvents, eventAlias } from './event-alias.ts'
import { podColumns } from './pod-columns.ts'
import * as policyColumns from './policy-columns.ts'
import type { Resource, ScalePaths, Strategy, TableColumns } from './resource.ts'
import { resourceId } from './resource.ts'
import * as storageColumns from './storage-columns.ts'
import { deploymentStrategy, replicaSetStrategy } from './strategies/apps.ts'
import { bindingStrategy, namespaceStrategy, noRules, roleStrategy } from './strategies/cluster.ts'
import { configMapStrategy, secretStrategy } from './strategies/config.ts'
import { podStrategy } from './strategies/pod.ts'
import {
  disruptionBudgetStrategy,
  limitRangeStrategy,
  networkPolicyStrategy,
  quotaStrategy,
} from './strategies/policies.ts'
import { serviceStrategy } from './strategies/service.ts'
import { claimStrategy, storageClassStrategy, volumeStrategy } from './strategies/storage.ts'

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

interface Builtin {
  readonly group?: string
  readonly kind: string
  readonly plural: string
  readonly version?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly clusterScoped?: boolean
  readonly status?: boolean
  readonly scale?: ScalePaths
  readonly hasGeneration?: boolean
  readonly subresources?: readonly string[]
  readonly strategy?: Strategy
  readonly columns?: TableColumns
  readonly selectableFields?: readonly string[]
  readonly virtual?: boolean
  /** Default: all that can be done with what is kept. */
  readonly verbs?: readonly string[]
  readonly alias?: Resource['alias']
}

const workloadScale: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
}

const core: readonly Builtin[] = [
  {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    clusterScoped: true,
    status: true,
    subresources: ['finalize'],
    strategy: namespaceStrategy,
    columns: columns.namespaceColumns,
    selectableFields: ['status.phase'],
  },
  {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    clusterScoped: true,
    status: true,
    columns: columns.nodeColumns,
    selectableFields: ['spec.unschedulable'],
  },
  {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    subresources: ['log', 'exec', 'attach', 'portforward'],
    strategy: podStrategy,
    columns: podColumns,
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ],
  },
  {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    status: true,
    strategy: serviceStrategy,
    columns: columns.serviceColumns,
    selectableFields: ['spec.clusterIP', 'spec.type'],
  },
  { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], columns: columns.endpointsColumns },
  {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    strategy: configMapStrategy,
    columns: columns.configMapColumns,
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    strategy: secretStrategy,
    columns: columns.secretColumns,
    selectableFields: ['type'],
  },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    subresources: ['token'],
    columns: columns.serviceAccountColumns,
  },
  {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    columns: columns.eventColumns,
    selectableFields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    strategy: coreEvents,
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    status: true,
    strategy: claimStrategy,
    columns: storageColumns.claimColumns,
  },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    clusterScoped: true,
    status: true,
    strategy: volumeStrategy,
    columns: storageColumns.volumeColumns,
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    status: true,
    strategy: quotaStrategy,
    columns: policyColumns.quotaColumns,
  },
  {
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    strategy: limitRangeStrategy,
    columns: policyColumns.limitRangeColumns,
  },
]

const grouped: readonly Builtin[] = [
  {
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    status: true,
    scale: workloadScale,
    hasGeneration: true,
    strategy: deploymentStrategy,
    columns: columns.deploymentColumns,
  },
  {
    group: 'apps',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    status: true,
    scale: workloadScale,
    hasGeneration: true,
    strategy: replicaSetStrategy,
    columns: columns.replicaSetColumns,
    selectableFields: ['status.replicas'],
  },
  {
    group: 'events.k8s.io',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    columns: columns.eventColumns,
    alias: eventAlias,
    selectableFields: [
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
      'reason',
      'reportingController',
      'type',
    ],
  },
  {
    group: 'discovery.k8s.io',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    columns: columns.endpointSliceColumns,
  },
  { group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases', columns: columns.leaseColumns },
  {
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    hasGeneration: true,
    strategy: networkPolicyStrategy,
    columns: columns.networkPolicyColumns,
  },
  {
    group: 'networking.k8s.io',
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    status: true,
    hasGeneration: true,
  },
  {
    group: 'networking.k8s.io',
    kind: 'IngressClass',
    plural: 'ingressclasses',
    clusterScoped: true,
  },
  {
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    status: true,
    hasGeneration: true,
    strategy: disruptionBudgetStrategy,
    columns: policyColumns.disruptionBudgetColumns,
  },
  {
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    clusterScoped: true,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'Role',
    plural: 'roles',
    strategy: roleStrategy,
    columns: columns.roleColumns,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'RoleBinding',
    plural: 'rolebindings',
    strategy: bindingStrategy,
    columns: columns.bindingColumns,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    clusterScoped: true,
    strategy: roleStrategy,
    columns: columns.roleColumns,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    clusterScoped: true,
    strategy: bindingStrategy,
    columns: columns.bindingColumns,
  },
  {
    group: 'storage.k8s.io',
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    clusterScoped: true,
    strategy: storageClassStrategy,
    columns: storageColumns.storageClassColumns,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
    clusterScoped: true,
    status: true,
    hasGeneration: true,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    clusterScoped: true,
  },
]

/** Questions that are answered and not kept. */
const virtual: readonly Builtin[] = [
  {
    group: 'authentication.k8s.io',
    kind: 'TokenReview',
    plural: 'tokenreviews',
    clusterScoped: true,
  },
  {
    group: 'authentication.k8s.io',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    clusterScoped: true,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    clusterScoped: true,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    clusterScoped: true,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    clusterScoped: true,
  },
]

/** Figures that are read when they are asked for. */
const figures: readonly Builtin[] = [
  { kind: 'NodeMetrics', plural: 'nodes', clusterScoped: true },
  { kind: 'PodMetrics', plural: 'pods' },
].map((builtin) => ({ ...builtin, group: 'metrics.k8s.io', version: 'v1beta1' }))

/** Groups whose types the generated table keeps under another name than the group's first word. */
const typeModules: Readonly<Record<string, string>> = { '': 'core' }

export function builtinResources(
  definitions: Strategy,
  shapes: BuiltinShapes,
): readonly Resource[] {
  const crd: Builtin = {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    status: true,
    hasGeneration: true,
    strategy: definitions,
    columns: columns.definitionColumns,
  }
  const questions = virtual.map((builtin) => ({ ...builtin, virtual: true, verbs: ['create'] }))
  const readings = figures.map((builtin) => ({ ...builtin, virtual: true, verbs: ['get', 'list'] }))
  return [
    ...[...core, ...grouped, crd, ...questions].map((builtin) => {
      const { kind, group = '' } = builtin
      const module = typeModules[group] ?? group.split('.')[0] ?? ''
      return toResource(builtin, shapes.of(`${module}.${kind}`))
    }),
    ...readings.map((builtin) => toResource(builtin, unwritten)),
  ]
}

/** Of what nobody can write, nothing has to be checked. */
const unwritten: ObjectShape = {
  kind: 'object',
  typeName: undefined,
  fieldNames: [],
  required: [],
  atomic: false,
  open: true,
  field: () => undefined,
}

function toResource(builtin: Builtin, shape: ObjectShape): Resource {
  const { kind, plural, group = '', version = 'v1' } = builtin
  const isVirtual = builtin.virtual ?? false
  return {
    id: resourceId({ group, plural }),
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    namespaced: builtin.clusterScoped !== true,
    shortNames: builtin.shortNames ?? [],
    categories: builtin.categories ?? [],
    verbs: builtin.verbs ?? allVerbs,
    versions: [
      {
        name: version,
        shape,
        columns: builtin.columns ?? columns.nameAndAge,
        scale: builtin.scale,
        status: builtin.status ?? false,
        deprecated: false,
      },
    ],
    subresources: builtin.subresources ?? [],
    hasGeneration: builtin.hasGeneration ?? false,
    custom: false,
    strategy: builtin.strategy ?? noRules,
    selectableFields: builtin.selectableFields ?? [],
    creatable: true,
    virtual: isVirtual,
    ...(builtin.alias !== undefined && { alias: builtin.alias }),
  }
}
