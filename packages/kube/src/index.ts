/**
 * The controller kit: everything a program needs to keep a Kubernetes API server and the world in agreement. A client,
 * caches that follow the server through all its failures, queues that work on what changed, and the small conventions
 * of the field (conditions, events, finalizers, owners).
 *
 * It must not know what is reconciled: no peers, no apps, no kinds of ours. It reads no environment, writes no logs
 * (see `KubeReport`), and keeps no global state.
 */
export { applyOwned, type AppliedOwned } from './apply-owned.ts'
export { backoffMs, type BackoffOptions } from './backoff.ts'
export { systemClock, type Clock } from './clock.ts'
export {
  anonymous,
  bearerToken,
  fixedCredentials,
  type ClientCertificate,
  type ClusterConnection,
  type Credential,
  type Credentials,
} from './cluster-connection.ts'
export {
  findCondition,
  isConditionTrue,
  kubeTime,
  setCondition,
  setConditions,
  type Condition,
  type ConditionStatus,
  type ObservedCondition,
} from './conditions.ts'
export {
  changesMapped,
  changesOf,
  changesOfOwned,
  Controller,
  type ControllerDeps,
  type ControllerOptions,
  type ControllerSource,
  type Reconcile,
  type ReconcileResult,
} from './controller.ts'
export {
  EventRecorder,
  type EventRecorderDeps,
  type EventRecorderOptions,
  type EventText,
} from './event-recorder.ts'
export { clientCertificateFiles, tokenFile, type PemSource } from './file-credentials.ts'
export type { ExecInput, ExecOptions, ExecOutput } from './exec.ts'
export { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts'
export { inClusterConnection, type InClusterOptions } from './in-cluster.ts'
export {
  Informer,
  type InformerDeps,
  type InformerListener,
  type InformerOptions,
} from './informer.ts'
export {
  defaultWatchIdleMs,
  KubeClient,
  type Applied,
  type ApplyOptions,
  type CallOptions,
  type DeleteOptions,
  type JsonPatchOperation,
  type KubeClientOptions,
  type ListOptions,
  type ListPageOptions,
  type LogOptions,
  type Patch,
  type PatchOptions,
  type SelectOptions,
  type StatusOf,
  type WatchOptions,
  type WriteOptions,
} from './kube-client.ts'
export {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNotFound,
  isResourceVersionTooLarge,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  isUnavailable,
  KubeError,
  type KubeErrorOptions,
} from './kube-error.ts'
export {
  connectionFromKubeconfig,
  KubeconfigError,
  loadKubeconfig,
  type KubeconfigOptions,
} from './kubeconfig.ts'
export {
  objectKey,
  refOfKey,
  type KubeObject,
  type ListMeta,
  type ObjectList,
  type ObjectMeta,
  type ObjectRef,
  type Stored,
  type StoredMeta,
} from './kube-object.ts'
export * from './kinds.ts'
export { ListWatch, type ListWatchOptions, type ListWatchSink } from './list-watch.ts'
export {
  controllerOf,
  dnsName,
  dnsServiceName,
  hashedName,
  isBeingDeleted,
  isControlledBy,
  isDnsLabel,
  maxLabelCharacters,
  ownerReference,
  shortHash,
  type OwnerReference,
} from './metadata.ts'
export { ObjectCache, type CacheChange, type IndexFunction } from './object-cache.ts'
export type { PortForwardOptions } from './port-forward.ts'
export { systemRandom, type Random } from './random.ts'
export type { KubeReport, ReportSink } from './report.ts'
export {
  apiVersionOf,
  collectionPath,
  objectPath,
  resourceKind,
  resourceName,
  type ResourceKind,
} from './resource-kind.ts'
export { retryOnConflict } from './retry-on-conflict.ts'
export { formatSelector, type Selector } from './selectors.ts'
export type { WatchEvent } from './watch-stream.ts'
export {
  WorkQueue,
  type WorkQueueDeps,
  type WorkQueueOptions,
  type WorkResult,
} from './work-queue.ts'
export {
  defaultTimeoutMs,
  type ApiAnswer,
  type ApiRequest,
  type ApiStream,
  type RequestObservation,
} from './api-transport.ts'
