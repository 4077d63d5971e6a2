/** What an app is made of at its host, as a pure function of its record. */
import {
  Annotation,
  Label,
  shortFingerprint,
  type AppInitContainer,
  type AppSpec,
  type AppVolumeClaim,
  type EnvVar,
  type ExecutingAppSpec,
} from '@porpulsion/contract'
import type {
  Applied,
  ConfigMap,
  Deployment,
  PersistentVolumeClaim,
  Secret,
  Service,
} from '@porpulsion/kube'
import { securedContext, type SecurityLevel } from '../policy/index.ts'
import { contentHash } from './canonical-json.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import {
  claimName,
  configMapName,
  CONTAINER_NAME,
  pullSecretName,
  secretName,
  volumeName,
} from './kube-app-names.ts'
import { APP_SERVICE_ACCOUNT } from './kube-peer-guards.ts'
import { normalisePort } from './normalise-app-spec.ts'

export interface AppObjects {
  readonly deployment: Applied<Deployment>
  /** An app without ports has none. */
  readonly service: Applied<Service> | undefined
  readonly configMaps: readonly Applied<ConfigMap>[]
  readonly secrets: readonly Applied<Secret>[]
  /** With the label, those that stay when the app goes; nothing may own them. */
  readonly claims: readonly Applied<PersistentVolumeClaim>[]
}

/** What the objects of an app depend on besides its record. */
export interface AppCircumstances {
  readonly serviceName: string
  /** A quota refused pods beside those that run. */
  readonly hasNoRoomToSurge: boolean
  /** Of the namespace; what it needs and the app does not say is filled in. */
  readonly securityLevel: SecurityLevel
}

/** As Kubernetes' users expect of storage that is not said to be shared. */
const defaultAccessMode = 'ReadWriteOnce'

/** Old ReplicaSets kept: an app is rolled back by submitting it again, not from these. */
const REVISION_HISTORY = 2

/** `spec` is the app with its secret values. */
export function appObjects(
  record: StoredExecutingApp,
  spec: AppSpec,
  { serviceName, hasNoRoomToSurge, securityLevel }: AppCircumstances,
): AppObjects {
  const { name } = record.metadata
  const securityContext = securedContext(spec.securityContext, securityLevel)
  const secured = securityContext === undefined ? spec : { ...spec, securityContext }
  return {
    deployment: deployment(record, secured, hasNoRoomToSurge),
    service: service(record, spec, serviceName),
    configMaps: (spec.configMaps ?? []).map((files) => ({
      metadata: metadata(record, configMapName(name, files.name)),
      data: files.data ?? {},
    })),
    secrets: [...fileSecrets(record, spec), ...pullSecrets(record, spec)],
    claims: (spec.pvcs ?? []).map((wish) => claim(record, wish)),
  }
}

function fileSecrets(record: StoredExecutingApp, { secrets = [] }: AppSpec): Applied<Secret>[] {
  return secrets.map(({ name, data = {}, binaryData }) => ({
    metadata: metadata(record, secretName(record.metadata.name, name)),
    type: 'Opaque',
    data: {
      ...Object.fromEntries(
        Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
      ),
      ...binaryData,
    },
  }))
}

function pullSecrets(
  record: StoredExecutingApp,
  { imagePullSecrets = [] }: AppSpec,
): Applied<Secret>[] {
  return imagePullSecrets.map(({ name, dockerConfigJson = '' }) => ({
    metadata: metadata(record, pullSecretName(record.metadata.name, name)),
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': dockerConfigJson },
  }))
}

function claim(
  record: StoredExecutingApp,
  { name, storage, accessMode, storageClassName, retain }: AppVolumeClaim,
): Applied<PersistentVolumeClaim> {
  const common = metadata(record, claimName(record.spec, name))
  return {
    metadata: {
      ...common,
      labels: { ...common.labels, ...(retain === true && { [Label.Retained]: 'true' }) },
    },
    spec: {
      accessModes: [accessMode ?? defaultAccessMode],
      resources: { requests: { storage } },
      ...(storageClassName !== undefined && { storageClassName }),
    },
  }
}

/** What finds every object of one app, also when its record is gone. */
export function appSelector(uid: string, fingerprint: string): Record<string, string> {
  return { [Label.App]: uid, [Label.Peer]: shortFingerprint(fingerprint) }
}

export function appLabels({
  submitter,
  peer,
}: Pick<ExecutingAppSpec, 'submitter' | 'peer'>): Record<string, string> {
  return {
    'app.kubernetes.io/name': submitter.name,
    'app.kubernetes.io/managed-by': 'porpulsion',
    ...appSelector(submitter.uid, peer.fingerprint),
  }
}

function metadata(
  record: StoredExecutingApp,
  name: string,
): { name: string; namespace: string; labels: Record<string, string> } {
  return { name, namespace: record.metadata.namespace ?? '', labels: appLabels(record.spec) }
}

function deployment(
  record: StoredExecutingApp,
  spec: AppSpec,
  hasNoRoomToSurge: boolean,
): Applied<Deployment> {
  const { submitter, peer, specHash } = record.spec
  return {
    metadata: {
      ...metadata(record, record.metadata.name),
      annotations: {
        [Annotation.Generation]: String(submitter.generation),
        [Annotation.SpecHash]: specHash,
      },
    },
    spec: {
      replicas: spec.replicas ?? 1,
      revisionHistoryLimit: REVISION_HISTORY,
      strategy: strategy(spec, hasNoRoomToSurge),
      selector: { matchLabels: appSelector(submitter.uid, peer.fingerprint) },
      template: podTemplate(record, spec),
    },
  }
}

type Strategy = NonNullable<NonNullable<Deployment['spec']>['strategy']>

/** Named in full, always: what server-side apply is not told it leaves as it was. */
function strategy({ pvcs = [] }: AppSpec, hasNoRoomToSurge: boolean): Strategy {
  // Storage that one node or pod has to itself would keep the new pod waiting for the old one for ever.
  const isExclusive = pvcs.some(({ accessMode = defaultAccessMode }) =>
    ['ReadWriteOnce', 'ReadWriteOncePod'].includes(accessMode),
  )
  if (isExclusive) return { type: 'Recreate' }
  const rollingUpdate = hasNoRoomToSurge
    ? { maxSurge: 0, maxUnavailable: 1 }
    : { maxSurge: '25%', maxUnavailable: '25%' }
  return { type: 'RollingUpdate', rollingUpdate }
}

type PodTemplate = NonNullable<Deployment['spec']>['template']

function podTemplate(record: StoredExecutingApp, spec: AppSpec): PodTemplate {
  const { restartedAt, submitter, peer } = record.spec
  const { configMaps, secrets, initContainers } = spec
  const files =
    configMaps === undefined && secrets === undefined ? undefined : [configMaps, secrets]
  const annotations = {
    ...spec.annotations,
    ...(files && { [Annotation.ConfigHash]: contentHash(files) }),
    ...(restartedAt !== undefined && { [Annotation.RestartedAt]: restartedAt }),
  }
  return {
    metadata: {
      // What we select by comes last: nothing a peer writes may pass its pods off as another app's.
      labels: {
        ...appLabels(record.spec),
        ...spec.labels,
        ...appSelector(submitter.uid, peer.fingerprint),
      },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      ...(initContainers && {
        initContainers: initContainers.map((init) => initContainer(record, spec, init)),
      }),
      containers: [container(record, spec)],
      ...(spec.imagePullSecrets && {
        imagePullSecrets: spec.imagePullSecrets.map(({ name }) => ({
          name: pullSecretName(record.metadata.name, name),
        })),
      }),
      ...podSecurity(spec),
      ...volumes(record, spec),
      // A foreign app has no business with our API server, nor with a list of its neighbours.
      automountServiceAccountToken: false,
      serviceAccountName: APP_SERVICE_ACCOUNT,
      enableServiceLinks: false,
    },
  }
}

type PodSpec = NonNullable<PodTemplate['spec']>
type Container = PodSpec['containers'][number]

function container(record: StoredExecutingApp, spec: AppSpec): Container {
  const { ports, readinessProbe, livenessProbe, startupProbe } = spec
  return {
    name: CONTAINER_NAME,
    ...program(record, spec),
    ...(ports && {
      ports: ports.map(normalisePort).map(({ name, port, protocol }) => ({
        name,
        containerPort: port,
        protocol,
      })),
    }),
    ...(readinessProbe && { readinessProbe }),
    ...(livenessProbe && { livenessProbe }),
    ...(startupProbe && { startupProbe }),
    ...containerSecurity(spec),
    ...volumeMounts(spec),
  }
}

/** With the app's mounts and rights: it prepares what the app finds. */
function initContainer(
  record: StoredExecutingApp,
  spec: AppSpec,
  init: AppInitContainer,
): Container {
  return {
    name: init.name,
    ...program(record, init),
    ...containerSecurity(spec),
    ...volumeMounts(spec),
  }
}

/** What any container runs, and with how much. */
function program(
  record: StoredExecutingApp,
  {
    image,
    imagePullPolicy,
    command,
    args,
    env,
    resources,
  }: Pick<AppSpec, Exclude<keyof AppInitContainer, 'name'>>,
): Omit<Container, 'name'> {
  return {
    image,
    ...(imagePullPolicy && { imagePullPolicy }),
    ...(command && { command }),
    ...(args && { args }),
    ...(env && { env: env.map((variable) => environment(record.metadata.name, variable)) }),
    ...(resources && { resources }),
  }
}

type Variable = NonNullable<Container['env']>[number]

function environment(executingApp: string, { name, value, valueFrom }: EnvVar): Variable {
  if (valueFrom === undefined) return { name, value: value ?? '' }
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom
  return {
    name,
    valueFrom: {
      // The app's own only, under the names they have here: no other object of the cluster can be named.
      ...(configMapKeyRef && {
        configMapKeyRef: {
          name: configMapName(executingApp, configMapKeyRef.name),
          key: configMapKeyRef.key,
        },
      }),
      ...(secretKeyRef && {
        secretKeyRef: { name: secretName(executingApp, secretKeyRef.name), key: secretKeyRef.key },
      }),
      ...(fieldRef && { fieldRef }),
    },
  }
}

function podSecurity({ securityContext }: AppSpec): Pick<PodSpec, 'securityContext'> {
  if (securityContext === undefined) return {}
  const {
    readOnlyRootFilesystem: _root,
    allowPrivilegeEscalation: _escalation,
    capabilities: _capabilities,
    ...pod
  } = securityContext
  return Object.keys(pod).length === 0 ? {} : { securityContext: pod }
}

function containerSecurity({ securityContext = {} }: AppSpec): Pick<Container, 'securityContext'> {
  const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = securityContext
  const own = {
    ...(readOnlyRootFilesystem !== undefined && { readOnlyRootFilesystem }),
    ...(allowPrivilegeEscalation !== undefined && { allowPrivilegeEscalation }),
    ...(capabilities !== undefined && { capabilities }),
  }
  return Object.keys(own).length === 0 ? {} : { securityContext: own }
}

function volumes(record: StoredExecutingApp, spec: AppSpec): Pick<PodSpec, 'volumes'> {
  const { name } = record.metadata
  const all = [
    ...(spec.configMaps ?? []).map((files) => ({
      name: volumeName('config', files.name),
      configMap: { name: configMapName(name, files.name) },
    })),
    ...(spec.secrets ?? []).map((files) => ({
      name: volumeName('secret', files.name),
      secret: { secretName: secretName(name, files.name) },
    })),
    ...(spec.pvcs ?? []).map((claim) => ({
      name: volumeName('claim', claim.name),
      persistentVolumeClaim: { claimName: claimName(record.spec, claim.name) },
    })),
    ...(spec.emptyDirs ?? []).map(({ name: dir, sizeLimit }) => ({
      name: volumeName('empty', dir),
      emptyDir: sizeLimit === undefined ? {} : { sizeLimit },
    })),
  ]
  return all.length === 0 ? {} : { volumes: all }
}

function volumeMounts(spec: AppSpec): Pick<Container, 'volumeMounts'> {
  const all = [
    ...(spec.configMaps ?? []).map(({ name, mountPath }) => ({
      name: volumeName('config', name),
      mountPath,
    })),
    ...(spec.secrets ?? []).map(({ name, mountPath }) => ({
      name: volumeName('secret', name),
      mountPath,
      readOnly: true,
    })),
    ...(spec.pvcs ?? []).map(({ name, mountPath }) => ({
      name: volumeName('claim', name),
      mountPath,
    })),
    ...(spec.emptyDirs ?? []).map(({ name, mountPath }) => ({
      name: volumeName('empty', name),
      mountPath,
    })),
  ]
  return all.length === 0 ? {} : { volumeMounts: all }
}

function service(
  record: StoredExecutingApp,
  { ports = [] }: AppSpec,
  name: string,
): Applied<Service> | undefined {
  if (ports.length === 0) return undefined
  const { submitter, peer } = record.spec
  return {
    metadata: metadata(record, name),
    spec: {
      type: 'ClusterIP',
      selector: appSelector(submitter.uid, peer.fingerprint),
      ports: ports.map(normalisePort).map((port) => ({ ...port, targetPort: port.port })),
    },
  }
}
