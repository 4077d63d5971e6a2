/** What is wrong with an app beyond what its schema can say, each with the field as a person writes it and the mend. */
import {
  API_GROUP,
  appLimits,
  parseQuantity,
  type AppSpec,
  type EnvVar,
  type FieldError,
  type Probe,
} from '@porpulsion/contract'
import { normaliseImage } from '../policy/index.ts'
import { normalisePort } from './normalise-app-spec.ts'

/** Empty when the app is sound. `root` is where the spec stands in the document: `spec`. */
export function appSpecErrors(spec: AppSpec, root = 'spec'): FieldError[] {
  const found: FieldError[] = []
  const report: Report = (path, message) => found.push({ path: `${root}.${path}`, message })
  for (const check of checks) check(spec, report)
  return found
}

type Report = (path: string, message: string) => void
type Check = (spec: AppSpec, report: Report) => void

const imageIsAReference: Check = ({ image }, report) => {
  if (normaliseImage(image) === undefined)
    report(
      'image',
      'is no image reference; write it as registry/repository:tag or repository@sha256:digest',
    )
}

const envIsComplete: Check = (spec, report) => {
  const env = spec.env ?? []
  reportRepeated(env, 'env', 'name', ({ name }) => name, report)
  env.forEach((variable, index) => checkVariable(spec, variable, `env[${index}]`, report))
}

function checkVariable(spec: AppSpec, variable: EnvVar, path: string, report: Report): void {
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

type KeysByName = ReadonlyMap<string, readonly string[]>

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
  else if (!keys.includes(ref.key))
    report(`${path}.key`, `is no key of "${ref.name}" (${quotedOrNone(keys)})`)
}

interface Mounted {
  readonly name: string
  readonly mountPath: string
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

function keysByName(mounts: readonly Mounted[] = []): KeysByName {
  return new Map(
    mounts.map(({ name, data = {}, binaryData = {} }) => [
      name,
      [...Object.keys(data), ...Object.keys(binaryData)],
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

const resourcesFit: Check = ({ resources = {} }, report) => {
  const { requests = {}, limits = {} } = resources
  for (const [list, amounts] of Object.entries({ requests, limits })) {
    for (const name of Object.keys(amounts)) {
      if (!nativeResources.includes(name) && !qualifiedName.test(name))
        report(
          `resources.${list}.${name}`,
          `is no resource; use ${nativeResources.join(', ')} or a name like vendor.example/device`,
        )
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const asked = parseQuantity(request)
    const most = parseQuantity(limits[name] ?? request)
    if (asked !== undefined && most !== undefined && asked > most)
      report(
        `resources.requests.${name}`,
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

const mountsAreDistinct: Check = ({ configMaps = [], secrets = [] }, report) => {
  const lists: readonly (readonly [string, readonly Mounted[]])[] = [
    ['configMaps', configMaps],
    ['secrets', secrets],
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

function checkFiles({ data = {}, binaryData = {} }: Mounted, path: string, report: Report): void {
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
const reservedDomains = [API_GROUP, 'kubernetes.io', 'k8s.io']
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

function largestField(spec: AppSpec): string {
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
  imageIsAReference,
  envIsComplete,
  portsAreDistinct,
  resourcesFit,
  probesHaveOneHandler,
  mountsAreDistinct,
  securityContextIsPossible,
  metadataIsOurs,
  sizeIsBearable,
]
