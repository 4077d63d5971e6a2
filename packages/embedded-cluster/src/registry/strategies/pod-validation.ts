/** What a pod's spec must fulfil, alone or as a template. */
import type { FieldCause } from '../api-error.ts'
import { listAt, numberAt, objectAt, objectsAt, scalarText, stringAt } from '../fields.ts'
import { duplicate, forbiddenField, invalid, notSupported, required } from '../field-errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import { dnsLabelProblem } from '../names.ts'
import { compareQuantities, isNegativeQuantity } from '../quantity.ts'

const portProblem = 'must be between 1 and 65535, inclusive'
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe']
const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc']

export function validatePodSpec(
  spec: JsonObject,
  path: string,
  restartPolicies: readonly string[],
): FieldCause[] {
  const volumes = objectsAt(spec, 'volumes')
  const volumeNames = new Set(namesOf(volumes))
  const containers = objectsAt(spec, 'containers')
  const initContainers = objectsAt(spec, 'initContainers')
  return [
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...oneOf(spec, 'restartPolicy', path, restartPolicies),
    ...validateGrace(spec, path),
    ...validateNames(volumes, `${path}.volumes`),
    ...validateNames(containers, `${path}.containers`),
    ...validateNames(initContainers, `${path}.initContainers`, namesOf(containers)),
    ...[...initContainers.entries()].flatMap(([index, container]) => [
      ...validateContainer(container, `${path}.initContainers[${index}]`, volumeNames),
      ...refuseProbes(container, `${path}.initContainers[${index}]`),
    ]),
    ...[...containers.entries()].flatMap(([index, container]) =>
      validateContainer(container, `${path}.containers[${index}]`, volumeNames),
    ),
    ...validateVolumes(volumes, `${path}.volumes`),
  ]
}

function validateGrace(spec: JsonObject, path: string): FieldCause[] {
  const seconds = numberAt(spec, 'terminationGracePeriodSeconds') ?? 0
  const field = `${path}.terminationGracePeriodSeconds`
  return seconds < 0 ? [invalid(field, seconds, 'must be greater than or equal to 0')] : []
}

function oneOf(
  owner: JsonObject,
  field: string,
  path: string,
  supported: readonly string[],
): FieldCause[] {
  const value = owner[field]
  if (value === undefined || (typeof value === 'string' && supported.includes(value))) return []
  return [notSupported(`${path}.${field}`, value, supported)]
}

function namesOf(items: readonly JsonObject[]): (string | undefined)[] {
  return items.map((item) => stringAt(item, 'name'))
}

function validateNames(
  items: readonly JsonObject[],
  path: string,
  taken: readonly (string | undefined)[] = [],
): FieldCause[] {
  const seen = new Set(taken)
  return items.flatMap((item, index) => {
    const name = stringAt(item, 'name') ?? ''
    const field = `${path}[${index}].name`
    if (name === '') return [required(field)]
    if (seen.has(name)) return [duplicate(field, name)]
    seen.add(name)
    const problem = dnsLabelProblem(name)
    return problem === undefined ? [] : [invalid(field, name, problem)]
  })
}

function validateContainer(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<string | undefined>,
): FieldCause[] {
  const image = stringAt(container, 'image') ?? ''
  return [
    ...(image === '' ? [required(`${path}.image`)] : []),
    ...(image.trim() === image
      ? []
      : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]),
    ...oneOf(container, 'imagePullPolicy', path, ['Always', 'IfNotPresent', 'Never']),
    ...validatePorts(container, `${path}.ports`),
    ...validateEnv(container, `${path}.env`),
    ...validateMounts(container, `${path}.volumeMounts`, volumes),
    ...validateResources(objectAt(container, 'resources'), `${path}.resources`),
    ...probes.flatMap((name) => {
      const probe = container[name]
      return isObject(probe) ? validateProbe(probe, `${path}.${name}`, name) : []
    }),
  ]
}

/** It ends before there is anything to be probed for. */
function refuseProbes(container: JsonObject, path: string): FieldCause[] {
  if (container['restartPolicy'] === 'Always') return []
  return probes
    .filter((probe) => container[probe] !== undefined)
    .map((probe) =>
      forbiddenField(
        `${path}.${probe}`,
        'may not be set for init containers without restartPolicy=Always',
      ),
    )
}

function validatePorts(container: JsonObject, path: string): FieldCause[] {
  const names = new Set<string>()
  return objectsAt(container, 'ports').flatMap((port, index) => {
    const here = `${path}[${index}]`
    const causes = [
      ...validatePort(port['containerPort'], `${here}.containerPort`),
      ...oneOf(port, 'protocol', here, ['SCTP', 'TCP', 'UDP']),
    ]
    const name = stringAt(port, 'name') ?? ''
    if (name === '') return causes
    const problem = portNameProblem(name)
    if (problem !== undefined) causes.push(invalid(`${here}.name`, name, problem))
    if (names.has(name)) causes.push(duplicate(`${here}.name`, name))
    names.add(name)
    return causes
  })
}

export function validatePort(port: unknown, field: string): FieldCause[] {
  if (port === undefined) return [required(field)]
  const isPort = Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535
  return isPort ? [] : [invalid(field, port, portProblem)]
}

function portNameProblem(name: string): string | undefined {
  if (name.length > 15) return 'must be no more than 15 characters'
  if (!/^[a-z0-9-]+$/.test(name)) {
    return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'
  }
  if (!/[a-z]/.test(name)) return 'must contain at least one letter (a-z)'
  if (name.includes('--')) return 'must not contain consecutive hyphens'
  if (name.startsWith('-') || name.endsWith('-')) return 'must not begin or end with a hyphen'
  return undefined
}

function validateEnv(container: JsonObject, path: string): FieldCause[] {
  return objectsAt(container, 'env').flatMap((variable, index) => {
    const name = stringAt(variable, 'name') ?? ''
    const field = `${path}[${index}]`
    if (name === '') return [required(`${field}.name`)]
    if (name.includes('=')) {
      return [
        invalid(`${field}.name`, name, "a valid environment variable name must not contain '='"),
      ]
    }
    const hasValue = (stringAt(variable, 'value') ?? '') !== ''
    if (!hasValue || variable['valueFrom'] === undefined) return []
    return [invalid(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty')]
  })
}

function validateMounts(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<string | undefined>,
): FieldCause[] {
  const paths = new Set<string>()
  return objectsAt(container, 'volumeMounts').flatMap((mount, index) => {
    const here = `${path}[${index}]`
    const name = stringAt(mount, 'name') ?? ''
    const mountPath = stringAt(mount, 'mountPath') ?? ''
    const causes: FieldCause[] = []
    if (name === '') causes.push(required(`${here}.name`))
    else if (!volumes.has(name)) causes.push(notFoundValue(`${here}.name`, name))
    if (mountPath === '') causes.push(required(`${here}.mountPath`))
    else if (paths.has(mountPath)) {
      causes.push(invalid(`${here}.mountPath`, mountPath, 'must be unique'))
    }
    paths.add(mountPath)
    return causes
  })
}

function notFoundValue(field: string, name: string): FieldCause {
  return { field, reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(name)}` }
}

function validateResources(resources: JsonObject, path: string): FieldCause[] {
  const limits = objectAt(resources, 'limits')
  const causes: FieldCause[] = []
  for (const section of ['limits', 'requests']) {
    for (const [name, value] of Object.entries(objectAt(resources, section))) {
      const field = `${path}.${section}.${name}`
      if (isNegativeQuantity(value)) {
        causes.push(invalid(field, value, 'must be greater than or equal to 0'))
      }
      const limit = section === 'requests' ? limits[name] : undefined
      if (limit !== undefined && compareQuantities(value, limit) > 0) {
        causes.push(
          invalid(
            field,
            value,
            `must be less than or equal to ${name} limit of ${scalarText(limit)}`,
          ),
        )
      }
    }
  }
  return causes
}

function validateProbe(probe: JsonObject, path: string, name: string): FieldCause[] {
  const given = handlers.filter((handler) => probe[handler] !== undefined)
  const causes: FieldCause[] = []
  if (given.length === 0) causes.push(required(path, 'must specify a handler type'))
  for (const extra of given.slice(1)) {
    causes.push(forbiddenField(`${path}.${extra}`, 'may not specify more than 1 handler type'))
  }
  for (const field of ['timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) {
    const value = numberAt(probe, field)
    if (value !== undefined && value < 1) {
      causes.push(invalid(`${path}.${field}`, value, 'must be greater than or equal to 1'))
    }
  }
  const delay = numberAt(probe, 'initialDelaySeconds') ?? 0
  if (delay < 0) {
    causes.push(invalid(`${path}.initialDelaySeconds`, delay, 'must be greater than or equal to 0'))
  }
  if (name !== 'readinessProbe' && (numberAt(probe, 'successThreshold') ?? 1) !== 1) {
    causes.push(invalid(`${path}.successThreshold`, probe['successThreshold'], 'must be 1'))
  }
  return [
    ...causes,
    ...['httpGet', 'tcpSocket'].flatMap((handler) => handlerPort(probe, handler, path)),
  ]
}

function handlerPort(probe: JsonObject, handler: string, path: string): FieldCause[] {
  if (!isObject(probe[handler])) return []
  const port = probe[handler]['port']
  const field = `${path}.${handler}.port`
  if (typeof port !== 'string') return validatePort(port, field)
  const problem = portNameProblem(port)
  return problem === undefined ? [] : [invalid(field, port, problem)]
}

function validateVolumes(volumes: readonly JsonObject[], path: string): FieldCause[] {
  return volumes.flatMap((volume, index) => {
    const sources = Object.keys(volume).filter((key) => key !== 'name')
    const extra = sources.slice(1).map((source) => {
      return forbiddenField(
        `${path}[${index}].${source}`,
        'may not specify more than 1 volume type',
      )
    })
    const { configMap, secret, persistentVolumeClaim } = volume
    const here = `${path}[${index}]`
    if (isObject(configMap) && !stringAt(configMap, 'name'))
      extra.push(required(`${here}.configMap.name`))
    if (isObject(secret) && !stringAt(secret, 'secretName'))
      extra.push(required(`${here}.secret.secretName`))
    if (isObject(persistentVolumeClaim) && !stringAt(persistentVolumeClaim, 'claimName')) {
      extra.push(required(`${here}.persistentVolumeClaim.claimName`))
    }
    return extra
  })
}

/** Labels a selector asks for, and whether they are all there. */
export function selectorMatches(selector: JsonObject, labels: JsonObject): boolean {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  )
  return (
    equal &&
    objectsAt(selector, 'matchExpressions').every((expression) =>
      expressionMatches(expression, labels),
    )
  )
}

function expressionMatches(expression: JsonObject, labels: JsonObject): boolean {
  const value = labels[stringAt(expression, 'key') ?? '']
  const values = listAt(expression, 'values')
  switch (expression['operator']) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
