/** `RemoteApp`: what a submitter wants to run at a peer. The only way in; page, API, CLI and kubectl all write it. */
import { Type, type Static } from 'typebox'
import { AppPhase, Condition } from './conditions.ts'
import { closed, listOf, ObjectMeta, type CelRule } from './kubernetes-object.ts'
import { AppName, DnsLabel, GROUP_VERSION } from './names.ts'
import { quantity, Quantity } from './quantity.ts'
import { patterns } from './patterns.ts'

/** Bounds of one app. Kubernetes takes objects of about 1.5 MiB; these keep an app and its status well below. */
export const appLimits = {
  maxReplicas: 1_000,
  maxEnv: 200,
  maxPorts: 50,
  maxMounts: 20,
  maxKeysPerMount: 100,
  maxValueBytes: 256 * 1024,
  maxSpecBytes: 768 * 1024,
} as const

const exactlyOneOf = (...fields: readonly string[]): CelRule => ({
  rule: `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(one, one).size() == 1`,
  message: `needs exactly one of ${fields.join(', ')}`,
})

const StringMap = (description: string) =>
  Type.Record(
    Type.String({ maxLength: 253 }),
    Type.String({ maxLength: appLimits.maxValueBytes }),
    {
      maxProperties: appLimits.maxKeysPerMount,
      description,
    },
  )

const KeyRef = (what: string) =>
  closed(
    {
      name: DnsLabel,
      key: Type.String({ minLength: 1, maxLength: 253 }),
    },
    { description: `A key of one of the app's own ${what}.` },
  )

export const EnvVar = closed(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: patterns.envName,
      description: 'Name of the variable.',
    }),
    value: Type.Optional(
      Type.String({
        maxLength: appLimits.maxValueBytes,
        description: 'The value; `$(NAME)` expands earlier variables. Excludes `valueFrom`.',
      }),
    ),
    valueFrom: Type.Optional(
      closed(
        {
          configMapKeyRef: Type.Optional(KeyRef('configMaps')),
          secretKeyRef: Type.Optional(KeyRef('secrets')),
          fieldRef: Type.Optional(
            closed({
              fieldPath: Type.String({
                minLength: 1,
                maxLength: 253,
                description:
                  'A field of the pod, as in Kubernetes: `metadata.name`, `status.podIP`, …',
              }),
            }),
          ),
        },
        {
          description: 'Where the value comes from: exactly one source. Excludes `value`.',
          rules: [exactlyOneOf('configMapKeyRef', 'secretKeyRef', 'fieldRef')],
        },
      ),
    ),
  },
  {
    rules: [
      {
        rule: 'has(self.value) != has(self.valueFrom)',
        message: 'needs either value or valueFrom; for an empty variable write value: ""',
      },
    ],
  },
)
export type EnvVar = Static<typeof EnvVar>

export const AppPort = closed({
  port: Type.Integer({
    minimum: 1,
    maximum: 65_535,
    description: 'Port the container listens on.',
  }),
  name: Type.Optional(
    Type.String({
      pattern: patterns.dns1123Label,
      maxLength: 15,
      description: 'Name of the port, at most 15 characters. Default: `port-<number>`.',
    }),
  ),
  protocol: Type.Optional(
    Type.Enum(['TCP', 'UDP'], { description: 'Default TCP. Only TCP ports can be tunnelled.' }),
  ),
})
export type AppPort = Static<typeof AppPort>

/** As a submitter writes it: whether its own cluster gets an address of it is nothing to the host. */
export const RemoteAppPort = closed(
  {
    ...AppPort.properties,
    expose: Type.Optional(
      Type.Boolean({
        description:
          "Make it reachable inside this app's own cluster: through a Service in the namespace of the app, whose connections travel over the link. Whoever reaches that Service reaches the port. TCP only. Default false.",
      }),
    ),
  },
  {
    rules: [
      {
        rule: "!has(self.expose) || !self.expose || !has(self.protocol) || self.protocol == 'TCP'",
        message: 'has expose: true; only TCP ports can be exposed',
      },
    ],
  },
)
export type RemoteAppPort = Static<typeof RemoteAppPort>

const ResourceList = (description: string) =>
  Type.Record(Type.String({ maxLength: 253 }), Quantity, { description, maxProperties: 20 })

export const ResourceRequirements = closed({
  requests: Type.Optional(
    ResourceList('What a pod is guaranteed, e.g. `{cpu: 250m, memory: 128Mi}`.'),
  ),
  limits: Type.Optional(ResourceList('What a pod may use at most.')),
})
export type ResourceRequirements = Static<typeof ResourceRequirements>

const Port = Type.Integer({ minimum: 1, maximum: 65_535 })
const Seconds = (description: string, minimum = 1) =>
  Type.Integer({ minimum, maximum: 86_400, description })

export const Probe = closed(
  {
    httpGet: Type.Optional(
      closed({
        path: Type.Optional(Type.String({ maxLength: 2_048, description: 'Default `/`.' })),
        port: Port,
        scheme: Type.Optional(Type.Enum(['HTTP', 'HTTPS'])),
        httpHeaders: Type.Optional(
          Type.Array(
            closed({
              name: Type.String({ maxLength: 256 }),
              value: Type.String({ maxLength: 4_096 }),
            }),
            {
              maxItems: 20,
            },
          ),
        ),
      }),
    ),
    tcpSocket: Type.Optional(closed({ port: Port })),
    exec: Type.Optional(
      closed({
        command: Type.Array(Type.String({ maxLength: 32_768 }), { minItems: 1, maxItems: 100 }),
      }),
    ),
    initialDelaySeconds: Type.Optional(Seconds('Wait before the first probe. Default 0.', 0)),
    periodSeconds: Type.Optional(Seconds('Time between probes. Default 10.')),
    timeoutSeconds: Type.Optional(Seconds('How long one probe may take. Default 1.')),
    successThreshold: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    failureThreshold: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  {
    description: 'Exactly one of `httpGet`, `tcpSocket`, `exec`.',
    rules: [exactlyOneOf('httpGet', 'tcpSocket', 'exec')],
  },
)
export type Probe = Static<typeof Probe>

const MountPath = Type.String({
  pattern: patterns.mountPath,
  minLength: 2,
  maxLength: 1_024,
  description: 'Absolute path of the directory inside the container; must not contain ":".',
})

export const AppConfigMap = closed({
  name: DnsLabel,
  mountPath: MountPath,
  data: Type.Optional(StringMap('File name → content.')),
})
export type AppConfigMap = Static<typeof AppConfigMap>

export const AppSecret = closed({
  name: DnsLabel,
  mountPath: MountPath,
  data: Type.Optional(
    StringMap('File name → plain text. Travels inside the inner TLS only; never logged.'),
  ),
  binaryData: Type.Optional(StringMap('File name → base64.')),
})
export type AppSecret = Static<typeof AppSecret>

/** As a submitter writes it: with its values, or naming a Secret that has them. */
export const RemoteAppSecret = closed(
  {
    ...AppSecret.properties,
    fromSecret: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        description:
          'A Secret in the namespace of this app, labelled `porpulsion.io/share-with: <peer>`, whose files are sent instead. Excludes `data` and `binaryData`.',
      }),
    ),
  },
  {
    rules: [
      {
        rule: '!has(self.fromSecret) || !(has(self.data) || has(self.binaryData))',
        message: 'has fromSecret beside data or binaryData; keep one',
      },
    ],
  },
)
export type RemoteAppSecret = Static<typeof RemoteAppSecret>

/** Credentials for a registry, as they travel; in records without the credentials. */
export const AppPullSecret = closed({
  name: DnsLabel,
  dockerConfigJson: Type.Optional(
    Type.String({
      maxLength: appLimits.maxValueBytes,
      description: '`.dockerconfigjson` of the Secret, base64.',
    }),
  ),
})
export type AppPullSecret = Static<typeof AppPullSecret>

export const accessModes = [
  'ReadWriteOnce',
  'ReadOnlyMany',
  'ReadWriteMany',
  'ReadWriteOncePod',
] as const

export const AppVolumeClaim = closed({
  name: DnsLabel,
  mountPath: MountPath,
  storage: quantity('Size, e.g. `1Gi`. It may grow where the storage class allows it.'),
  accessMode: Type.Optional(
    Type.Enum([...accessModes], {
      description:
        'Default ReadWriteOnce: then an update ends the old pod before the new one starts.',
    }),
  ),
  storageClassName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: "Default: the host's default class.",
    }),
  ),
  retain: Type.Optional(
    Type.Boolean({
      description: 'Keep claim and data at the host when the app goes. Default false.',
    }),
  ),
})
export type AppVolumeClaim = Static<typeof AppVolumeClaim>

export const AppEmptyDir = closed({
  name: DnsLabel,
  mountPath: MountPath,
  sizeLimit: Type.Optional(quantity('Most it may hold, e.g. `100Mi`.')),
})
export type AppEmptyDir = Static<typeof AppEmptyDir>

export const AppSecurityContext = closed({
  runAsNonRoot: Type.Optional(Type.Boolean()),
  runAsUser: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  runAsGroup: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  fsGroup: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  readOnlyRootFilesystem: Type.Optional(Type.Boolean()),
  allowPrivilegeEscalation: Type.Optional(Type.Boolean()),
  capabilities: Type.Optional(
    closed({ drop: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })) }),
  ),
  seccompProfile: Type.Optional(closed({ type: Type.Enum(['RuntimeDefault', 'Unconfined']) })),
})
export type AppSecurityContext = Static<typeof AppSecurityContext>

const Metadata = (what: string) =>
  Type.Record(Type.String({ maxLength: 317 }), Type.String({ maxLength: 4_096 }), {
    maxProperties: 50,
    description: `${what} for the pods. Keys under porpulsion.io/, kubernetes.io/ (app.kubernetes.io/ excepted) and domains that grant rights, such as istio.io/ or amazonaws.com/, are reserved.`,
  })

const containerFields = {
  image: Type.String({
    minLength: 1,
    maxLength: 512,
    description: 'Container image, e.g. `nginx:1.29` or `ghcr.io/me/app@sha256:…`.',
  }),
  imagePullPolicy: Type.Optional(
    Type.Enum(['Always', 'IfNotPresent', 'Never'], { description: 'As in Kubernetes.' }),
  ),
  command: Type.Optional(
    Type.Array(Type.String({ maxLength: 32_768 }), {
      maxItems: 200,
      description: "Replaces the image's entrypoint.",
    }),
  ),
  args: Type.Optional(
    Type.Array(Type.String({ maxLength: 32_768 }), {
      maxItems: 200,
      description: "Replaces the image's arguments.",
    }),
  ),
  env: Type.Optional(Type.Array(EnvVar, { maxItems: appLimits.maxEnv })),
  resources: Type.Optional(ResourceRequirements),
} as const

export const AppInitContainer = closed({ name: DnsLabel, ...containerFields })
export type AppInitContainer = Static<typeof AppInitContainer>

const listedPorts = {
  maxItems: appLimits.maxPorts,
  description: 'Ports the app listens on; each becomes reachable through the submitter.',
} as const

/** What runs, without where and without what stands elsewhere in the submitter's cluster. */
const appFields = {
  ...containerFields,
  replicas: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: appLimits.maxReplicas,
      description: 'Number of pods. Default 1; 0 stops the app and keeps it.',
    }),
  ),
  ports: Type.Optional(Type.Array(AppPort, listedPorts)),
  initContainers: Type.Optional(
    Type.Array(AppInitContainer, {
      maxItems: 10,
      description:
        'Run one after the other, each to its end, before the app starts. They see the same mounts.',
    }),
  ),
  readinessProbe: Type.Optional(Probe),
  livenessProbe: Type.Optional(Probe),
  startupProbe: Type.Optional(Probe),
  securityContext: Type.Optional(AppSecurityContext),
  configMaps: Type.Optional(
    Type.Array(AppConfigMap, {
      maxItems: appLimits.maxMounts,
      description: 'Mounted as directories of files.',
    }),
  ),
  pvcs: Type.Optional(
    Type.Array(AppVolumeClaim, {
      maxItems: appLimits.maxMounts,
      description: 'Storage that outlives the pods. The host must allow it (storage.enabled).',
    }),
  ),
  emptyDirs: Type.Optional(
    Type.Array(AppEmptyDir, {
      maxItems: appLimits.maxMounts,
      description: 'Empty directories that live as long as their pod.',
    }),
  ),
  labels: Type.Optional(Metadata('Labels')),
  annotations: Type.Optional(Metadata('Annotations')),
  readyTimeoutSeconds: Type.Optional(
    Type.Integer({
      minimum: 5,
      maximum: 86_400,
      description: 'When an app is not ready after this long, its owner is told why. Default 300.',
    }),
  ),
} as const

const mountedSecrets = { description: 'Mounted as directories of files.' }

/** This, and only this, travels to the host. */
export const AppSpec = closed({
  ...appFields,
  secrets: Type.Optional(
    Type.Array(AppSecret, { maxItems: appLimits.maxMounts, ...mountedSecrets }),
  ),
  imagePullSecrets: Type.Optional(Type.Array(AppPullSecret, { maxItems: appLimits.maxMounts })),
})
export type AppSpec = Static<typeof AppSpec>

export const RemoteAppSpec = closed({
  targetPeer: Type.String({
    minLength: 1,
    maxLength: 63,
    description: 'Our name of the peer that shall run it (`porpulsion peer list`). Immutable.',
  }),
  ...appFields,
  ports: Type.Optional(Type.Array(RemoteAppPort, listedPorts)),
  secrets: Type.Optional(
    Type.Array(RemoteAppSecret, { maxItems: appLimits.maxMounts, ...mountedSecrets }),
  ),
  imagePullSecrets: Type.Optional(
    Type.Array(DnsLabel, {
      maxItems: appLimits.maxMounts,
      description:
        'Secrets of type kubernetes.io/dockerconfigjson in the namespace of this app, labelled `porpulsion.io/share-with: <peer>`, that the host pulls the image with.',
    }),
  ),
})
export type RemoteAppSpec = Static<typeof RemoteAppSpec>

export const defaultReplicas = 1
export const defaultReadyTimeoutSeconds = 300

export const PodSummary = Type.Object({
  name: Type.String(),
  phase: Type.String({ description: 'Kubernetes pod phase.' }),
  ready: Type.Boolean(),
  restarts: Type.Integer(),
  reason: Type.Optional(
    Type.String({ description: 'Why it is not ready: `CrashLoopBackOff`, `ErrImagePull`, …' }),
  ),
  message: Type.Optional(Type.String()),
  startedAt: Type.Optional(Type.String()),
})
export type PodSummary = Static<typeof PodSummary>

export const AppEvent = Type.Object({
  type: Type.String({ description: 'Normal or Warning.' }),
  reason: Type.String(),
  message: Type.String(),
  object: Type.String({ description: '`Pod/web-abc`, `Deployment/web`, …' }),
  count: Type.Integer(),
  lastSeen: Type.String(),
})
export type AppEvent = Static<typeof AppEvent>

/** What the host observed; the same at the host (ExecutingApp.status) and, as received, at the submitter. */
const observedFields = {
  observedGeneration: Type.Optional(Type.Integer()),
  conditions: Type.Array(Condition),
  replicas: Type.Integer({ description: 'Pods that exist.' }),
  readyReplicas: Type.Integer(),
  updatedReplicas: Type.Integer(),
  pods: Type.Optional(Type.Array(PodSummary, { maxItems: 50 })),
  events: Type.Optional(Type.Array(AppEvent, { maxItems: 10 })),
  serviceName: Type.Optional(Type.String({ description: 'Name of the Service at the host.' })),
  firstReadyTime: Type.Optional(
    Type.String({ description: 'When all replicas of this generation were ready at first.' }),
  ),
} as const

export const ObservedAppStatus = Type.Object(observedFields)
export type ObservedAppStatus = Static<typeof ObservedAppStatus>

/** A port with `expose: true`, as this cluster sees it. */
export const ExposedPort = Type.Object({
  port: Type.Integer({ description: 'Port of the app.' }),
  address: Type.Optional(
    Type.String({
      description:
        'What to connect to: name and port of the Service; where no Service leads to the agent, an address of its machine. Missing while there is none.',
    }),
  ),
  message: Type.Optional(
    Type.String({
      description: 'Why there is no address, or why the last connection was refused.',
    }),
  ),
})
export type ExposedPort = Static<typeof ExposedPort>

export const RemoteAppStatus = Type.Object({
  ...observedFields,
  localService: Type.Optional(
    Type.Object(
      {
        name: Type.Optional(
          Type.String({ description: 'The Service, in the namespace of this app.' }),
        ),
        ports: Type.Array(ExposedPort, { maxItems: appLimits.maxPorts }),
      },
      { description: 'How ports with `expose: true` are reached in this cluster.' },
    ),
  ),
  phase: AppPhase,
  message: Type.Optional(Type.String({ description: 'Why the phase is what it is.' })),
  observedAt: Type.Optional(
    Type.String({
      description: 'When what is shown here arrived from the host; changes only with content.',
    }),
  ),
  hostBootId: Type.Optional(Type.String({ description: 'Boot of the host agent that sent it.' })),
  hostSequence: Type.Optional(
    Type.String({ description: 'Its sequence number within that boot.' }),
  ),
  hostStatusHash: Type.Optional(
    Type.String({ description: 'Hash of the status it sent: what is equal is not sent again.' }),
  ),
  /** Set when deletion waits for a host that is away. */
  deletion: Type.Optional(Type.Object({ waitingSince: Type.String(), message: Type.String() })),
})
export type RemoteAppStatus = Static<typeof RemoteAppStatus>

export const RemoteApp = Type.Object({
  apiVersion: Type.Literal(GROUP_VERSION),
  kind: Type.Literal('RemoteApp'),
  metadata: ObjectMeta,
  spec: RemoteAppSpec,
  status: Type.Optional(RemoteAppStatus),
})
export type RemoteApp = Static<typeof RemoteApp>

export const RemoteAppList = listOf('RemoteAppList', RemoteApp)
export type RemoteAppList = Static<typeof RemoteAppList>

/** What a person may post: a manifest without the fields the server owns. */
export const RemoteAppManifest = closed({
  apiVersion: Type.Optional(Type.Literal(GROUP_VERSION)),
  kind: Type.Optional(Type.Literal('RemoteApp')),
  metadata: Type.Object(
    {
      name: AppName,
      namespace: Type.Optional(DnsLabel),
      labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
      resourceVersion: Type.Optional(Type.String()),
    },
    { additionalProperties: true },
  ),
  spec: RemoteAppSpec,
  status: Type.Optional(
    Type.Unknown({ description: 'Ignored: a manifest read from a cluster may be posted back.' }),
  ),
})
export type RemoteAppManifest = Static<typeof RemoteAppManifest>
