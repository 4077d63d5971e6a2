/** The built-in kinds, each a value that addresses it and a type of its objects under one name. */
import type * as apiextensions from 'kubernetes-types/apiextensions/v1.d.ts'
import type * as apps from 'kubernetes-types/apps/v1.d.ts'
import type * as authentication from 'kubernetes-types/authentication/v1.d.ts'
import type * as authorization from 'kubernetes-types/authorization/v1.d.ts'
import type * as coordination from 'kubernetes-types/coordination/v1.d.ts'
import type * as core from 'kubernetes-types/core/v1.d.ts'
import type * as discovery from 'kubernetes-types/discovery/v1.d.ts'
import type * as networking from 'kubernetes-types/networking/v1.d.ts'
import type * as policy from 'kubernetes-types/policy/v1.d.ts'
import type * as rbac from 'kubernetes-types/rbac/v1.d.ts'
import type { KubeObject } from './kube-object.ts'
import { resourceKind, type ResourceKind } from './resource-kind.ts'

const inGroup =
  (group: string, namespaced: boolean) =>
  <T extends KubeObject>(kind: string, plural: string): ResourceKind<T> =>
    resourceKind<T>({ group, version: 'v1', plural, kind, namespaced })

const coreNamespaced = inGroup('', true)
const coreCluster = inGroup('', false)

export type Namespace = core.Namespace
export const Namespace = coreCluster<Namespace>('Namespace', 'namespaces')

export type Node = core.Node
export const Node = coreCluster<Node>('Node', 'nodes')

export type Pod = core.Pod
export const Pod = coreNamespaced<Pod>('Pod', 'pods')

export type Service = core.Service
export const Service = coreNamespaced<Service>('Service', 'services')

export type ConfigMap = core.ConfigMap
export const ConfigMap = coreNamespaced<ConfigMap>('ConfigMap', 'configmaps')

export type Secret = core.Secret
export const Secret = coreNamespaced<Secret>('Secret', 'secrets')

export type ServiceAccount = core.ServiceAccount
export const ServiceAccount = coreNamespaced<ServiceAccount>('ServiceAccount', 'serviceaccounts')

export type PersistentVolumeClaim = core.PersistentVolumeClaim
export const PersistentVolumeClaim = coreNamespaced<PersistentVolumeClaim>(
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
)

export type ResourceQuota = core.ResourceQuota
export const ResourceQuota = coreNamespaced<ResourceQuota>('ResourceQuota', 'resourcequotas')

export type LimitRange = core.LimitRange
export const LimitRange = coreNamespaced<LimitRange>('LimitRange', 'limitranges')

/** Kubernetes calls it `Event`, which in JavaScript is something else. */
export type KubeEvent = core.Event
export const KubeEvent = coreNamespaced<KubeEvent>('Event', 'events')

export type Deployment = apps.Deployment
export const Deployment = inGroup('apps', true)<Deployment>('Deployment', 'deployments')

export type ReplicaSet = apps.ReplicaSet
export const ReplicaSet = inGroup('apps', true)<ReplicaSet>('ReplicaSet', 'replicasets')

export type Lease = coordination.Lease
export const Lease = inGroup('coordination.k8s.io', true)<Lease>('Lease', 'leases')

export type EndpointSlice = discovery.EndpointSlice
export const EndpointSlice = inGroup('discovery.k8s.io', true)<EndpointSlice>(
  'EndpointSlice',
  'endpointslices',
)

export type NetworkPolicy = networking.NetworkPolicy
export const NetworkPolicy = inGroup('networking.k8s.io', true)<NetworkPolicy>(
  'NetworkPolicy',
  'networkpolicies',
)

export type Ingress = networking.Ingress
export const Ingress = inGroup('networking.k8s.io', true)<Ingress>('Ingress', 'ingresses')

export type PodDisruptionBudget = policy.PodDisruptionBudget
export const PodDisruptionBudget = inGroup('policy', true)<PodDisruptionBudget>(
  'PodDisruptionBudget',
  'poddisruptionbudgets',
)

export type Role = rbac.Role
export const Role = inGroup('rbac.authorization.k8s.io', true)<Role>('Role', 'roles')

export type RoleBinding = rbac.RoleBinding
export const RoleBinding = inGroup('rbac.authorization.k8s.io', true)<RoleBinding>(
  'RoleBinding',
  'rolebindings',
)

export type CustomResourceDefinition = apiextensions.CustomResourceDefinition
export const CustomResourceDefinition = inGroup(
  'apiextensions.k8s.io',
  false,
)<CustomResourceDefinition>('CustomResourceDefinition', 'customresourcedefinitions')

/** Answers "whose token is this?"; created, never stored. */
export type TokenReview = authentication.TokenReview
export const TokenReview = inGroup('authentication.k8s.io', false)<TokenReview>(
  'TokenReview',
  'tokenreviews',
)

/** Answers "may they?"; created, never stored. */
export type SubjectAccessReview = authorization.SubjectAccessReview
export const SubjectAccessReview = inGroup('authorization.k8s.io', false)<SubjectAccessReview>(
  'SubjectAccessReview',
  'subjectaccessreviews',
)

/** Answers "may I?"; created, never stored. */
export type SelfSubjectAccessReview = authorization.SelfSubjectAccessReview
export const SelfSubjectAccessReview = inGroup(
  'authorization.k8s.io',
  false,
)<SelfSubjectAccessReview>('SelfSubjectAccessReview', 'selfsubjectaccessreviews')
