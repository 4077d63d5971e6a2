/** The files of an app, shown and changed by name: whoever edits one need not have read the others. */
import {
  invalidFields,
  type AppConfig,
  type AppConfigPatch,
  type FieldError,
  type RemoteApp,
  type RemoteAppSpec,
} from '@porpulsion/contract'

/** References to Secrets stay references: what those hold is nobody's business here. */
export function appConfigOf(
  { metadata, spec }: RemoteApp,
  { showSecrets }: { readonly showSecrets: boolean },
): AppConfig {
  const { name, namespace, uid, generation } = metadata
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(generation !== undefined && { generation }),
    },
    configMaps: spec.configMaps ?? [],
    secrets: (spec.secrets ?? []).map(({ data, binaryData, ...secret }) => ({
      ...secret,
      keys: Object.keys({ ...data, ...binaryData }).sort(),
      ...(showSecrets && data && { data }),
      ...(showSecrets && binaryData && { binaryData }),
    })),
  }
}

/** The spec with its files set and removed. Throws with every field of the patch that cannot be. */
export function withConfigPatch(spec: RemoteAppSpec, patch: AppConfigPatch): RemoteAppSpec {
  const errors: FieldError[] = []
  const { configMaps, secrets, ...rest } = spec
  const changed = {
    configMaps: patched('configMaps', configMaps, patch.configMaps, errors),
    secrets: patched('secrets', secrets, patch.secrets, errors),
  }
  if (errors.length > 0) throw invalidFields(errors)
  return {
    ...rest,
    ...(changed.configMaps.length > 0 && { configMaps: changed.configMaps }),
    ...(changed.secrets.length > 0 && { secrets: changed.secrets }),
  }
}

/** What the patch touches, for the audit trail: `secrets.keys.data.password`, never what it holds. */
export function touchedPaths({ configMaps = {}, secrets = {} }: AppConfigPatch): string[] {
  const lists: readonly (readonly [string, Patches])[] = [
    ['configMaps', configMaps],
    ['secrets', secrets],
  ]
  return lists.flatMap(([list, patches]) =>
    Object.entries(patches).flatMap(([name, patch]) =>
      patch === null ? [`${list}.${name}`] : fieldsOf(patch).map((at) => `${list}.${name}.${at}`),
    ),
  )
}

const fieldsOf = (patch: MountPatch): string[] =>
  Object.entries(patch).flatMap(([field, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).map((key) => `${field}.${key}`)
      : [field],
  )

type Files = Record<string, string>
type FilesPatch = Readonly<Record<string, string | null>>

interface Mount {
  readonly name: string
  readonly mountPath: string
  readonly data?: Files
  readonly binaryData?: Files
  readonly fromSecret?: string
}

interface MountPatch {
  readonly mountPath?: string
  readonly data?: FilesPatch
  readonly binaryData?: FilesPatch
  readonly fromSecret?: string | null
}

type Patches = Readonly<Record<string, MountPatch | null>>

/** What is there keeps its place, what is new comes last. */
function patched(
  list: 'configMaps' | 'secrets',
  mounts: readonly Mount[] = [],
  patches: Patches = {},
  errors: FieldError[],
): Mount[] {
  const known = new Map(mounts.map((mount) => [mount.name, mount]))
  for (const [name, patch] of Object.entries(patches)) {
    if (patch === null) {
      known.delete(name)
      continue
    }
    const mount = patchedMount(name, known.get(name), patch)
    if ('message' in mount)
      errors.push({ path: `${list}.${name}.${mount.path}`, message: mount.message })
    else known.set(name, mount)
  }
  return [...known.values()]
}

function patchedMount(
  name: string,
  known: Mount | undefined,
  patch: MountPatch,
): Mount | FieldError {
  const mountPath = patch.mountPath ?? known?.mountPath
  if (mountPath === undefined)
    return {
      path: 'mountPath',
      message: `is needed: the app has no "${name}" yet, and it must be told in which directory its files appear`,
    }
  if (typeof patch.fromSecret === 'string' && hasFiles(patch))
    return { path: 'fromSecret', message: 'is given beside files; keep one' }
  const fromSecret = patch.fromSecret === undefined ? known?.fromSecret : patch.fromSecret
  if (typeof fromSecret !== 'string') return { name, mountPath, ...patchedFiles(known, patch) }
  if (hasFiles(patch))
    return {
      path: 'data',
      message: `cannot be set: the files come from Secret "${fromSecret}". Edit that Secret, or give fromSecret: null to have files of its own`,
    }
  return { name, mountPath, fromSecret }
}

const hasFiles = ({ data, binaryData }: MountPatch): boolean =>
  data !== undefined || binaryData !== undefined

/** One name is one file, whichever way its content is written. */
function patchedFiles(
  known: Pick<Mount, 'data' | 'binaryData'> | undefined,
  patch: Pick<MountPatch, 'data' | 'binaryData'>,
): Pick<Mount, 'data' | 'binaryData'> {
  const touched = new Set([
    ...Object.keys(patch.data ?? {}),
    ...Object.keys(patch.binaryData ?? {}),
  ])
  const merged = (field: 'data' | 'binaryData'): Files => ({
    ...Object.fromEntries(
      Object.entries(known?.[field] ?? {}).filter(([key]) => !touched.has(key)),
    ),
    ...Object.fromEntries(
      Object.entries(patch[field] ?? {}).filter(
        (file): file is [string, string] => file[1] !== null,
      ),
    ),
  })
  const data = merged('data')
  const binaryData = merged('binaryData')
  return {
    ...(Object.keys(data).length > 0 && { data }),
    ...(Object.keys(binaryData).length > 0 && { binaryData }),
  }
}
