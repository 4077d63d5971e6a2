/** What a form shows for a field is read off its schema: a field that is added there has its place here. */
import { RemoteAppManifest } from '@porpulsion/contract'
import { jsonSchema, valuesOf, type JsonSchema } from '../../ui/code-editor/json-schema.ts'

export const manifestSchema = jsonSchema(RemoteAppManifest)

export type FieldKind =
  | { readonly kind: 'text' }
  | { readonly kind: 'number' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly words: readonly string[] }
  /** Texts in a row. */
  | { readonly kind: 'words' }
  | { readonly kind: 'list'; readonly item: JsonSchema }
  /** Texts under names that are free. */
  | { readonly kind: 'map' }
  /** Fields of which exactly one is there. */
  | { readonly kind: 'oneOf'; readonly fields: readonly string[] }
  | { readonly kind: 'group' }

/** Undefined for what no form here can show. */
export function kindOf(schema: JsonSchema): FieldKind | undefined {
  if (schema.enum !== undefined) return { kind: 'choice', words: schema.enum.map(String) }
  switch (schema.type) {
    case 'string':
      return { kind: 'text' }
    case 'integer':
      return { kind: 'number' }
    case 'boolean':
      return { kind: 'flag' }
    case 'array':
      if (schema.items === undefined) return undefined
      return schema.items.type === 'string'
        ? { kind: 'words' }
        : { kind: 'list', item: schema.items }
    case 'object': {
      if (valuesOf(schema)?.type === 'string') return { kind: 'map' }
      const fields = exclusiveFields(schema)
      if (fields.length > 0) return { kind: 'oneOf', fields }
      return schema.properties === undefined ? undefined : { kind: 'group' }
    }
    default:
      return undefined
  }
}

/** Of which exactly one may be there, as the rules beside the schema say. */
export function exclusiveFields(schema: JsonSchema): readonly string[] {
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) {
    const isExactlyOne = /^\[.*\.size\(\) == 1$/.test(rule) || /^has\S+ != has\S+$/.test(rule)
    if (isExactlyOne) return [...rule.matchAll(/has\(self\.(\w+)\)/g)].map(([, name]) => name ?? '')
  }
  return []
}

/** A value a required field begins with. */
export function blankOf(schema: JsonSchema): unknown {
  if (schema.enum !== undefined) return schema.enum[0]
  switch (schema.type) {
    case 'integer':
      return Math.max(schema.minimum ?? 0, 0)
    case 'array':
      return []
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, blankOf(schema.properties?.[name] ?? {})]),
      )
    default:
      return ''
  }
}

/** What holds when nothing is set, where the description says so. */
export function defaultOf({ description = '' }: JsonSchema): string | undefined {
  const [, code, word] = /Default (?:`([^`]+)`|([\w.:/-]*\w))/.exec(description) ?? []
  return code ?? word
}

const labels: Readonly<Record<string, string>> = {
  args: 'Arguments',
  configMapKeyRef: 'File of a config map',
  configMaps: 'Config maps',
  cpu: 'CPU',
  drop: 'Capabilities to drop',
  exec: 'Command',
  expose: 'Reachable in this cluster, too',
  emptyDirs: 'Empty directories',
  env: 'Variables',
  fieldRef: 'Field of the pod',
  fromSecret: 'From a Secret of this cluster',
  fsGroup: 'Group of files',
  httpGet: 'HTTP request',
  httpHeaders: 'Headers',
  imagePullSecrets: 'Pull secrets',
  name: 'Name',
  pvcs: 'Storage that stays',
  seccompProfile: 'Seccomp profile',
  secretKeyRef: 'File of a secret',
  storageClassName: 'Storage class',
  targetPeer: 'Peer that shall run it',
  tcpSocket: 'TCP connection',
}

/** `readyTimeoutSeconds` → `Ready timeout (seconds)`. */
export function labelOf(name: string): string {
  const known = labels[name]
  if (known !== undefined) return known
  const isSeconds = name.endsWith('Seconds')
  const words = (isSeconds ? name.slice(0, -'Seconds'.length) : name)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${isSeconds ? ' (seconds)' : ''}`
}

/** What nobody guesses from its name: its help stands beneath it also where several stand in a row. */
export const needsHelp = (name: string): boolean => name === 'expose'

/** One of the list, said by buttons: `Add port`. */
const singles: Readonly<Record<string, string>> = {
  configMaps: 'config map',
  emptyDirs: 'directory',
  env: 'variable',
  httpHeaders: 'header',
  initContainers: 'init container',
  ports: 'port',
  pvcs: 'volume',
  secrets: 'secret',
  data: 'file',
  binaryData: 'file',
  labels: 'label',
  annotations: 'annotation',
  requests: 'request',
  limits: 'limit',
}

export const singleOf = (name: string): string => singles[name] ?? labelOf(name).toLowerCase()
