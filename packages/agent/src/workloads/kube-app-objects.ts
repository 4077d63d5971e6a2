/** What an app is made of at its host, as a pure function of its record. */
import {
  Annotation,
  Label,
  shortFingerprint,
  type AppSpec,
  type EnvVar,
  type ExecutingAppSpec,
} from '@porpulsion/contract'
import type { Applied, ConfigMap, Deployment, Secret, Service } from '@porpulsion/kube'
import { contentHash } from './canonical-json.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { configMapName, secretName, volumeName } from './kube-app-names.ts'
import { normalisePort } from './normalise-app-spec.ts'

export interface AppObjects {
  readonly deployment: Applied<Deployment>
  /** An app without ports has none. */
  readonly service: Applied<Service> | undefined
  readonly configMaps: readonly Applied<ConfigMap>[]
  readonly secrets: readonly Applied<Secret>[]
}

/** Every pod of ours has one container, and this is its name. */
export const CONTAINER_NAME = 'app'

/** Old ReplicaSets kept: an app is rolled back by submitting it again, not from these. */
const REVISION_HISTORY = 2

/** `spec` is the app with its secret values. */
export function appObjects(
  record: StoredExecutingApp,
  spec: AppSpec,
  serviceName: string,
): AppObjects {
  const { name } = record.metadata
  return {
    deployment: deployment(record, spec),
    service: service(record, spec, serviceName),
    configMaps: (spec.configMaps ?? []).map((files) => ({
      metadata: metadata(record, configMapName(name, files.name)),
      data: files.data ?? {},
    })),
    secrets: (spec.secrets ?? []).map((files) => ({
      metadata: metadata(record, secretName(name, files.name)),
      type: 'Opaque',
      data: {
        ...Object.fromEntries(
          Object.entries(files.data ?? {}).map(([key, text]) => [
            key,
            Buffer.from(text).toString('base64'),
          ]),
        ),
        ...files.binaryData,
      },
    })),
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

function deployment(record: StoredExecutingApp, spec: AppSpec): Applied<Deployment> {
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
      selector: { matchLabels: appSelector(submitter.uid, peer.fingerprint) },
      template: podTemplate(record, spec),
    },
  }
}

type PodTemplate = NonNullable<Deployment['spec']>['template']

function podTemplate(record: StoredExecutingApp, spec: AppSpec): PodTemplate {
  const { restartedAt, submitter, peer } = record.spec
  const { configMaps, secrets } = spec
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
      containers: [container(record, spec)],
      ...podSecurity(spec),
      ...volumes(record, spec),
      // A foreign app has no business with our API server, nor with a list of its neighbours.
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    },
  }
}

type PodSpec = NonNullable<PodTemplate['spec']>
type Container = PodSpec['containers'][number]

function container(record: StoredExecutingApp, spec: AppSpec): Container {
  const { image, imagePullPolicy, command, args, env, ports, resources } = spec
  const { readinessProbe, livenessProbe, startupProbe } = spec
  return {
    name: CONTAINER_NAME,
    image,
    ...(imagePullPolicy && { imagePullPolicy }),
    ...(command && { command }),
    ...(args && { args }),
    ...(env && { env: env.map((variable) => environment(record.metadata.name, variable)) }),
    ...(ports && {
      ports: ports.map(normalisePort).map(({ name, port, protocol }) => ({
        name,
        containerPort: port,
        protocol,
      })),
    }),
    ...(resources && { resources }),
    ...(readinessProbe && { readinessProbe }),
    ...(livenessProbe && { livenessProbe }),
    ...(startupProbe && { startupProbe }),
    ...containerSecurity(spec),
    ...volumeMounts(spec),
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
