/** What is wrong with an app beyond what its schema can say, each with the field as a person writes it and the mend. */
import {
  API_GROUP,
  appLimits,
  defaultReplicas,
  parseQuantity,
  type AppInitContainer,
  type AppPullSecret,
  type AppSpec,
  type EnvVar,
  type FieldError,
  type Probe,
  type RemoteAppSecret,
  type ResourceRequirements,
} from '@porpulsion/contract'
import { normaliseImage } from '../policy/index.ts'
import { CONTAINER_NAME } from './kube-app-names.ts'
import { normalisePort } from './normalise-app-spec.ts'

/** An app at either end: the submitter's may name Secrets of its cluster where the host's has what they hold. */
export type CheckedSpec = Omit<AppSpec, 'secrets' | 'imagePullSecrets'> & {
  readonly secrets?: readonly RemoteAppSecret[]
  readonly imagePullSecrets?: readonly (string | AppPullSecret)[]
}

/** Empty when the app is sound. `root` is where the spec stands in the document: `spec`. */
export function appSpecErrors(spec: CheckedSpec, root = 'spec'): FieldError[] {
  const found: FieldError[] = []
  const report: Report = (path, message) => found.push({ path: `${root}.${path}`, message })
  for (const check of checks) check(spec, report)
  return found
}

type Report = (path: string, message: string) => void
type Check = (spec: CheckedSpec, report: Report) => void

/** The app's own container, and each init container, with where it stands. */
function containersOf(
  spec: CheckedSpec,
): { readonly at: string; readonly own: Omit<AppInitContainer, 'name'> }[] {
  const inits = (spec.initContainers ?? []).map((own, index) => ({
    at: `initContainers[${index}].`,
    own,
  }))
  return [{ at: '', own: spec }, ...inits]
}

const imagesAreReferences: Check = (spec, report) => {
  for (const { at, own } of containersOf(spec)) {
    if (normaliseImage(own.image) === undefined)
      report(
        `${at}image`,
        'is no image reference; write it as registry/repository:tag or repository@sha256:digest',
      )
  }
}

const initContainersAreDistinct: Check = ({ initContainers = [] }, report) => {
  reportRepeated(initContainers, 'initContainers', 'name', ({ name }) => name, report)
  initContainers.forEach(({ name }, index) => {
    if (name === CONTAINER_NAME)
      report(
        `initContainers[${index}].name`,
        "is the name of the app's own container; choose another",
      )
  })
}

const envIsComplete: Check = (spec, report) => {
  for (const { at, own } of containersOf(spec)) {
    const env = own.env ?? []
    reportRepeated(env, `${at}env`, 'name', ({ name }) => name, report)
    env.forEach((variable, index) => checkVariable(spec, variable, `${at}env[${index}]`, report))
  }
}

function checkVariable(spec: CheckedSpec, variable: EnvVar, path: string, report: Report): void {
  const { value, valueFrom } = variable
  if (value !== undefined && valueFrom !== undefined) {
    report(path, 'has both value and valueFrom; remove one')
    return
  }
  if (valueFrom === undefined) {
    if (value === undefined)
      report(path, 'needs value or valueFrom; for an empty variable write value: ""')
    return
  }
  const sources = Object.keys(valueFrom)
  if (sources.length !== 1) {
    report(`${path}.valueFrom`, 'needs exactly one of configMapKeyRef, secretKeyRef, fieldRef')
    return
  }
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom
  if (configMapKeyRef !== undefined)
    checkKey(
      configMapKeyRef,
      keysByName(spec.configMaps),
      'configMaps',
      `${path}.valueFrom.configMapKeyRef`,
      report,
    )
  if (secretKeyRef !== undefined)
    checkKey(
      secretKeyRef,
      keysByName(spec.secrets),
      'secrets',
      `${path}.valueFrom.secretKeyRef`,
      report,
    )
  if (fieldRef !== undefined && !podField.test(fieldRef.fieldPath))
    report(
      `${path}.valueFrom.fieldRef.fieldPath`,
      "is no field a container may read; use metadata.name, metadata.namespace, metadata.uid, metadata.labels['…'], metadata.annotations['…'], spec.nodeName, spec.serviceAccountName, status.podIP, status.podIPs, status.hostIP or status.hostIPs",
    )
}

const podField =
  /^(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(podIPs?|hostIPs?))$/

/** The keys of a set of files; those of a Secret elsewhere only show when it is sent. */
type KeysByName = ReadonlyMap<string, readonly string[] | 'elsewhere'>

function checkKey(
  ref: { readonly name: string; readonly key: string },
  known: KeysByName,
  list: 'configMaps' | 'secrets',
  path: string,
  report: Report,
): void {
  const keys = known.get(ref.name)
  if (keys === undefined)
    report(
      `${path}.name`,
      `names none of the app's own ${list} (${quotedOrNone([...known.keys()])}); an app cannot read others`,
    )
  else if (keys !== 'elsewhere' && !keys.includes(ref.key))
    report(`${path}.key`, `is no key of "${ref.name}" (${quotedOrNone(keys)})`)
}

interface Mounted {
  readonly name: string
  readonly mountPath: string
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
  readonly fromSecret?: string
}

function keysByName(mounts: readonly Mounted[] = []): KeysByName {
  return new Map(
    mounts.map(({ name, data = {}, binaryData = {}, fromSecret }) => [
      name,
      fromSecret === undefined ? [...Object.keys(data), ...Object.keys(binaryData)] : 'elsewhere',
    ]),
  )
}

const portsAreDistinct: Check = ({ ports = [] }, report) => {
  const full = ports.map(normalisePort)
  reportRepeated(full, 'ports', 'port', ({ port, protocol }) => `${port}/${protocol}`, report)
  reportRepeated(full, 'ports', 'name', ({ name }) => name, report)
  full.forEach(({ name }, index) => {
    if (!/[a-z]/.test(name) || name.includes('--'))
      report(
        `ports[${index}].name`,
        'must have a letter in it and no two "-" in a row, as Kubernetes wants port names',
      )
  })
}

const nativeResources = ['cpu', 'memory', 'ephemeral-storage']

const resourcesFit: Check = (spec, report) => {
  for (const { at, own } of containersOf(spec)) checkResources(own.resources, at, report)
}

function checkResources(
  { requests = {}, limits = {} }: ResourceRequirements = {},
  at: string,
  report: Report,
): void {
  for (const [list, amounts] of Object.entries({ requests, limits })) {
    for (const name of Object.keys(amounts)) {
      if (!nativeResources.includes(name) && !qualifiedName.test(name))
        report(
          `${at}resources.${list}.${name}`,
          `is no resource; use ${nativeResources.join(', ')} or a name like vendor.example/device`,
        )
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const asked = parseQuantity(request)
    const most = parseQuantity(limits[name] ?? request)
    if (asked !== undefined && most !== undefined && asked > most)
      report(
        `${at}resources.requests.${name}`,
        `is more than resources.limits.${name}; a pod cannot be guaranteed more than it may use`,
      )
  }
}

const probeNames = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const

const probesHaveOneHandler: Check = (spec, report) => {
  for (const name of probeNames) {
    const probe = spec[name]
    if (probe !== undefined) checkProbe(probe, name, report)
  }
}

function checkProbe(probe: Probe, path: (typeof probeNames)[number], report: Report): void {
  const handlers = [probe.httpGet, probe.tcpSocket, probe.exec].filter(
    (handler) => handler !== undefined,
  )
  if (handlers.length !== 1)
    report(path, `needs exactly one of httpGet, tcpSocket, exec; it has ${handlers.length}`)
  if (probe.httpGet?.path?.startsWith('/') === false)
    report(`${path}.httpGet.path`, 'must begin with "/"')
  if (path !== 'readinessProbe' && (probe.successThreshold ?? 1) !== 1)
    report(`${path}.successThreshold`, 'must be 1 here; more is for readinessProbe only')
}

const mountsAreDistinct: Check = (
  { configMaps = [], secrets = [], pvcs = [], emptyDirs = [] },
  report,
) => {
  const lists: readonly (readonly [string, readonly Mounted[]])[] = [
    ['configMaps', configMaps],
    ['secrets', secrets],
    ['pvcs', pvcs],
    ['emptyDirs', emptyDirs],
  ]
  const takenPaths = new Map<string, string>()
  for (const [list, mounts] of lists) {
    reportRepeated(mounts, list, 'name', ({ name }) => name, report)
    mounts.forEach((mount, index) => {
      const path = `${list}[${index}]`
      checkMountPath(mount.mountPath, `${path}.mountPath`, takenPaths, report)
      checkFiles(mount, path, report)
    })
  }
}

function checkMountPath(
  mountPath: string,
  path: string,
  taken: Map<string, string>,
  report: Report,
): void {
  const segments = mountPath.split('/').filter((segment) => segment !== '' && segment !== '.')
  const plain = `/${segments.join('/')}`
  const other = taken.get(plain)
  if (segments.includes('..')) report(path, 'must not contain ".."')
  else if (plain === '/') report(path, 'must not be the root of the container')
  else if (other !== undefined)
    report(path, `is the mountPath of ${other} already; give each its own`)
  else taken.set(plain, path.slice(0, path.lastIndexOf('.')))
}

const fileName = /^[-._a-zA-Z0-9]{1,253}$/

function checkFiles(
  { data = {}, binaryData = {}, fromSecret }: Mounted,
  path: string,
  report: Report,
): void {
  if (fromSecret !== undefined && Object.keys({ ...data, ...binaryData }).length > 0)
    report(path, 'has fromSecret beside data or binaryData; keep one')
  for (const [field, files] of Object.entries({ data, binaryData })) {
    for (const key of Object.keys(files)) {
      if (!fileName.test(key) || key.startsWith('..') || key === '.')
        report(`${path}.${field}.${key}`, 'is no file name; use letters, digits, "-", "_" and "."')
    }
  }
  for (const [key, text] of Object.entries(binaryData)) {
    if (key in data) report(`${path}.binaryData.${key}`, 'is in data too; keep one')
    if (!isBase64(text)) report(`${path}.binaryData.${key}`, 'is not base64')
  }
}

const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

const storageIsPossible: Check = ({ pvcs = [], replicas = defaultReplicas }, report) => {
  pvcs.forEach(({ accessMode, storage }, index) => {
    if (parseQuantity(storage) === 0n)
      report(`pvcs[${index}].storage`, 'must be more than 0, e.g. 1Gi')
    if (accessMode === 'ReadWriteOncePod' && replicas > 1)
      report(
        `pvcs[${index}].accessMode`,
        `is for one pod, and the app has ${replicas} replicas; use ReadWriteMany, or replicas: 1`,
      )
  })
}

const pullSecretsAreDistinct: Check = ({ imagePullSecrets = [] }, report) => {
  const names = imagePullSecrets.map((secret) =>
    typeof secret === 'string' ? secret : secret.name,
  )
  names.forEach((name, index) => {
    if (names.indexOf(name) < index)
      report(`imagePullSecrets[${index}]`, `"${name}" is named twice; once is enough`)
  })
}

const securityContextIsPossible: Check = ({ securityContext }, report) => {
  if (securityContext?.runAsNonRoot === true && securityContext.runAsUser === 0)
    report(
      'securityContext.runAsUser',
      'is 0, which is root, and runAsNonRoot forbids root; change one of them',
    )
}

const qualifiedName =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
const plainName = /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/

const metadataIsOurs: Check = ({ labels = {}, annotations = {} }, report) => {
  for (const [field, map] of Object.entries({ labels, annotations })) {
    for (const [key, value] of Object.entries(map)) {
      const path = `${field}.${key}`
      if (!plainName.test(key) && !qualifiedName.test(key))
        report(
          path,
          'is no valid key; use letters, digits, "-", "_", ".", with an optional prefix like example.com/',
        )
      else if (isReserved(key))
        report(path, 'is reserved for Kubernetes and Porpulsion; choose another key')
      if (field === 'labels' && !labelValue.test(value))
        report(
          path,
          'has a value that no label can have: at most 63 letters, digits, "-", "_", ".", beginning and ending with a letter or digit',
        )
    }
  }
}

/** Others decide by these: a peer that could set them could pass its pods off as somebody else's. */
const reservedDomains = [
  API_GROUP,
  'kubernetes.io',
  'k8s.io',
  // Networks, sidecars and identities that clusters hand out by what stands on a pod: not the peer's to ask for.
  ...['cncf.io', 'projectcalico.org', 'cilium.io', 'ovn.org', 'antrea.io', 'submariner.io'],
  ...['istio.io', 'linkerd.io', 'kuma.io', 'dapr.io', 'consul.hashicorp.com'],
  ...['vault.hashicorp.com', 'amazonaws.com', 'azure.workload.identity', 'azure.com'],
  ...['gke.io', 'cloud.google.com', 'openshift.io', 'kyverno.io', 'gatekeeper.sh'],
]
const reservedKeys = ['pod-template-hash', 'app.kubernetes.io/managed-by']
/** Says only what a pod is, for people and dashboards. */
const descriptiveDomain = 'app.kubernetes.io/'

function isReserved(key: string): boolean {
  if (reservedKeys.includes(key)) return true
  if (key.startsWith(descriptiveDomain)) return false
  const slash = key.indexOf('/')
  if (slash === -1) return false
  const prefix = key.slice(0, slash)
  return reservedDomains.some((domain) => prefix === domain || prefix.endsWith(`.${domain}`))
}

const sizeIsBearable: Check = (spec, report) => {
  const bytes = Buffer.byteLength(JSON.stringify(spec))
  if (bytes > appLimits.maxSpecBytes)
    report(
      largestField(spec),
      `makes the app too large: ${bytes} bytes in all, and ${appLimits.maxSpecBytes} are allowed; put large files into the image`,
    )
}

function largestField(spec: CheckedSpec): string {
  const [[name] = ['image']] = Object.entries(spec)
    .map(([name, value]) => [name, JSON.stringify(value).length] as const)
    .sort(([, a], [, b]) => b - a)
  return name
}

function reportRepeated<T>(
  items: readonly T[],
  list: string,
  field: string,
  keyOf: (item: T) => string,
  report: Report,
): void {
  const first = new Map<string, number>()
  items.forEach((item, index) => {
    const key = keyOf(item)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, index)
    else
      report(
        `${list}[${index}].${field}`,
        `"${key}" is taken by ${list}[${earlier}]; each needs its own`,
      )
  })
}

function quotedOrNone(names: readonly string[]): string {
  return names.length === 0
    ? 'there are none'
    : `there are ${names.map((name) => `"${name}"`).join(', ')}`
}

const checks: readonly Check[] = [
  imagesAreReferences,
  initContainersAreDistinct,
  envIsComplete,
  portsAreDistinct,
  resourcesFit,
  probesHaveOneHandler,
  mountsAreDistinct,
  storageIsPossible,
  pullSecretsAreDistinct,
  securityContextIsPossible,
  metadataIsOurs,
  sizeIsBearable,
]
