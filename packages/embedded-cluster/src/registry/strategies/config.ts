/** ConfigMaps and Secrets: bounded data, optionally immutable. */
import { badRequest, type FieldCause } from '../api-error.ts'
import { objectAt, setDefault, stringAt } from '../fields.ts'
import { forbiddenField, invalid, required, tooLong } from '../field-errors.ts'
import { deepEqual, isObject, type JsonObject } from '../json.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Strategy } from '../resource.ts'

const maxDataBytes = 1024 * 1024
const keyProblem =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

export const configMapStrategy: Strategy = {
  validate(object, old) {
    const data = objectAt(object, 'data')
    const binary = objectAt(object, 'binaryData')
    const twice = Object.keys(binary).filter((key) => Object.hasOwn(data, key))
    const bytes = sizeOf(data) + Buffer.byteLength(Object.values(binary).join('')) * 0.75
    return [
      ...validateKeys(data, 'data'),
      ...validateKeys(binary, 'binaryData'),
      ...twice.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...(bytes > maxDataBytes ? [tooLong('', maxDataBytes)] : []),
      ...validateImmutable(object, old, ['data', 'binaryData']),
    ]
  },
}

export const secretStrategy: Strategy = {
  applyDefaults(draft) {
    setDefault(draft, 'type', 'Opaque')
    const plain = draft['stringData']
    if (!isObject(plain)) return
    const data = isObject(draft['data']) ? draft['data'] : {}
    for (const [key, value] of Object.entries(plain)) {
      data[key] = Buffer.from(String(value)).toString('base64')
    }
    draft['data'] = data
    delete draft['stringData']
  },

  validate(object, old) {
    const data = objectAt(object, 'data')
    refuseBadBase64(data)
    const bytes = Object.values(data).join('').length * 0.75
    const type = stringAt(object, 'type') ?? ''
    return [
      ...validateKeys(data, 'data'),
      ...(bytes > maxDataBytes ? [tooLong('data', maxDataBytes)] : []),
      ...validateType(type, data, object),
      ...(old !== undefined && stringAt(old, 'type') !== type
        ? [invalid('type', type, 'field is immutable')]
        : []),
      ...validateImmutable(object, old, ['data', 'type']),
    ]
  },
}

/** The real server cannot even decode such an object, so this is no field error. */
function refuseBadBase64(data: JsonObject): void {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'string' && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) continue
    throw badRequest(`Secret cannot be handled as a Secret: data.${key}: illegal base64 data`)
  }
}

/** Keys that a typed Secret must have. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

function validateType(type: string, data: JsonObject, object: Draft): FieldCause[] {
  if (type === 'kubernetes.io/service-account-token') {
    const name = object.metadata.annotations?.['kubernetes.io/service-account.name'] ?? ''
    const field = 'metadata.annotations[kubernetes.io/service-account.name]'
    return name === '' ? [required(field)] : []
  }
  return (requiredKeys[type] ?? [])
    .filter((key) => data[key] === undefined)
    .map((key) => required(`data[${key}]`))
}

function validateKeys(data: JsonObject, path: string): FieldCause[] {
  return Object.keys(data).flatMap((key) => {
    const field = `${path}[${key}]`
    if (key.length > 253) return [invalid(field, key, 'must be no more than 253 characters')]
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) return [invalid(field, key, keyProblem)]
    const isPath = key === '.' || key.startsWith('..')
    return isPath ? [invalid(field, key, "must not be '.' or start with '..'")] : []
  })
}

function validateImmutable(
  object: Draft,
  old: Stored | undefined,
  fields: readonly string[],
): FieldCause[] {
  const before: JsonObject = { ...old }
  if (before['immutable'] !== true) return []
  const causes = fields
    .filter((field) => !deepEqual(before[field], object[field]))
    .map((field) => forbiddenField(field, 'field is immutable when `immutable` is set'))
  if (object['immutable'] === true) return causes
  return [...causes, forbiddenField('immutable', 'field is immutable when `immutable` is set')]
}

function sizeOf(data: JsonObject): number {
  let bytes = 0
  for (const value of Object.values(data)) bytes += Buffer.byteLength(String(value))
  return bytes
}
