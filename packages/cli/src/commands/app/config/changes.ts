/** What was asked for, word by word → the patch that does it. */
import type { AppConfig, AppConfigPatch, ConfigMapPatch, SecretPatch } from '@porpulsion/contract'
import { usageError } from '../../../input/values.ts'

/** Without key: all of a name. `content` null removes. */
export interface FileChange {
  readonly name: string
  readonly key?: string
  readonly content: string | Uint8Array | null
}

/** `NAME/KEY=VALUE`, `NAME/KEY-` or `NAME-`. */
export function parseChange(text: string): FileChange {
  const equals = text.indexOf('=')
  if (equals >= 0)
    return { ...parseFile(text.slice(0, equals), text), content: text.slice(equals + 1) }
  if (!text.endsWith('-')) throw badChange(text)
  return parseRemoval(text.slice(0, -1), text)
}

/** `NAME/KEY`, or `NAME` for all of it. */
export function parseRemoval(target: string, text = target): FileChange {
  if (target === '') throw badChange(text)
  return target.includes('/')
    ? { ...parseFile(target, text), content: null }
    : { name: target, content: null }
}

export function parseFile(
  file: string,
  text: string,
): { readonly name: string; readonly key: string } {
  const at = file.indexOf('/')
  const [name, key] = [file.slice(0, Math.max(at, 0)), file.slice(at + 1)]
  if (name === '' || key === '') throw badChange(text)
  return { name, key }
}

/** `NAME:/DIRECTORY` */
export function parseMount(text: string): readonly [name: string, mountPath: string] {
  const at = text.indexOf(':')
  if (at < 1 || text[at + 1] !== '/')
    throw usageError(`--mount takes NAME:/DIRECTORY, not "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}

interface Wishes {
  readonly changes: readonly FileChange[]
  readonly mounts: ReadonlyMap<string, string>
  /** Of names that are new. */
  readonly isSecret: boolean
}

type Lists = 'configMaps' | 'secrets'
type MountPatch = ConfigMapPatch & SecretPatch

/** Names that are there keep their kind; a wrong one is told before anything is sent. */
export function patchOf(config: AppConfig, { changes, mounts, isSecret }: Wishes): AppConfigPatch {
  const patch: Record<Lists, Record<string, MountPatch | null>> = { configMaps: {}, secrets: {} }
  const listOf = (name: string): Lists => kindOf(config, name, isSecret)
  for (const [name, mountPath] of mounts) patch[listOf(name)][name] = { mountPath }
  for (const change of changes) {
    const { name } = change
    const list = listOf(name)
    if (change.content === null) assertPresent(config, change)
    else assertPlaced(config, name, mounts)
    patch[list][name] =
      change.key === undefined ? null : withFile(patch[list][name] ?? {}, list, change.key, change)
  }
  const { configMaps, secrets } = patch
  return {
    ...(config.metadata.generation !== undefined && { generation: config.metadata.generation }),
    ...(Object.keys(configMaps).length > 0 && { configMaps }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
  }
}

function withFile(
  patch: MountPatch,
  list: Lists,
  key: string,
  { name, content }: FileChange,
): MountPatch {
  const text = content === null ? null : textOf(content)
  if (text !== undefined) return { ...patch, data: { ...patch.data, [key]: text } }
  if (list === 'configMaps')
    throw usageError(`${name}/${key} is not text; only secrets may hold other files`)
  const base64 = Buffer.from(content ?? '').toString('base64')
  return { ...patch, binaryData: { ...patch.binaryData, [key]: base64 } }
}

function textOf(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}

function kindOf({ configMaps, secrets }: AppConfig, name: string, isSecret: boolean): Lists {
  const [isConfigMap, isKnownSecret] = [configMaps, secrets].map((list) =>
    list.some((one) => one.name === name),
  )
  if (isConfigMap === true && isKnownSecret === true && !isSecret)
    throw usageError(
      `${name} is a configMap and a secret of this app; --secret means the secret, "app update -f" changes either`,
    )
  if (isConfigMap === true && isKnownSecret !== true && isSecret)
    throw usageError(`${name} is a configMap of this app, no secret; leave out --secret`)
  return isSecret || isKnownSecret === true ? 'secrets' : 'configMaps'
}

const namesOf = ({ configMaps, secrets }: AppConfig): string[] =>
  [...configMaps, ...secrets].map(({ name }) => name)

function assertPlaced(config: AppConfig, name: string, mounts: ReadonlyMap<string, string>): void {
  if (mounts.has(name) || namesOf(config).includes(name)) return
  throw usageError(
    `The app has no "${name}" (${known(namesOf(config))}); to make it, say where its files appear: --mount ${name}:/DIRECTORY`,
  )
}

function assertPresent(config: AppConfig, { name, key }: FileChange): void {
  if (!namesOf(config).includes(name))
    throw usageError(`The app has no "${name}" (${known(namesOf(config))})`)
  const keys = [
    ...Object.keys(config.configMaps.find((one) => one.name === name)?.data ?? {}),
    ...(config.secrets.find((one) => one.name === name)?.keys ?? []),
  ]
  if (key !== undefined && !keys.includes(key))
    throw usageError(`${name} has no file "${key}" (${known(keys)})`)
}

const known = (names: readonly string[]): string =>
  names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`

const badChange = (text: string): Error =>
  usageError(`"${text}" is no change; write NAME/KEY=VALUE to set a file, NAME/KEY- to remove one`)
