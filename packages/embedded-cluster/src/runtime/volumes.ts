/**
 * A pod's volumes as directories. Contents that come from API objects change all at once and in place, so that a
 * running program never reads half of a change:
 *
 *     <volume>/key        → ..data/key
 *     <volume>/..data     → ..<hash of the contents>
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type {
  Container,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Volume,
  VolumeProjection,
} from 'kubernetes-types/core/v1.js'
import {
  ContainerConfigError,
  fieldOf,
  resourceOf,
  type ConfigSources,
  type PodFacts,
} from './container-env.ts'
import type { Mount } from './container-runtime.ts'

export interface VolumeSources extends ConfigSources {
  /** Throws `ContainerConfigError` if the claim has none (yet). */
  claimedDirectory(claim: string): string
}

interface VolumeFile {
  readonly path: string
  readonly data: Buffer
  readonly mode: number
}

const defaultFileMode = 0o644

/** Makes the volumes what the pod and its sources say; cheap when nothing changed. Throws `ContainerConfigError`. */
export function writeVolumes(dir: string, pod: Pod, facts: PodFacts, sources: VolumeSources): void {
  for (const volume of pod.spec?.volumes ?? []) {
    const volumeDir = join(dir, volume.name)
    const { emptyDir, persistentVolumeClaim } = volume
    if (emptyDir !== undefined) mkdirSync(volumeDir, { recursive: true })
    else if (persistentVolumeClaim !== undefined)
      linkTo(volumeDir, sources.claimedDirectory(persistentVolumeClaim.claimName))
    else replaceContents(volumeDir, filesOf(volume, pod, facts, sources))
  }
}

/** A link: the directory is not the pod's, and stays when the pod's own files are removed. */
function linkTo(volumeDir: string, directory: string): void {
  if (linkTarget(volumeDir) === directory) return
  rmSync(volumeDir, { force: true })
  symlinkSync(directory, volumeDir)
}

/** Where a container's mounts come from; call after `writeVolumes`. Throws `ContainerConfigError`. */
export function mountsOf(dir: string, container: Container, pod: Pod): Mount[] {
  refuseMountsInsideClaims(container, pod)
  return (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => {
    const volumeDir = join(dir, name)
    return { path: mountPath, source: subPath ? subPathOf(volumeDir, subPath) : volumeDir }
  })
}

/** A mount inside another is a link in the outer one's volume: in a claim's it would take the place of what is kept there. */
function refuseMountsInsideClaims({ volumeMounts = [] }: Container, { spec }: Pod): void {
  const claims = new Set(
    spec?.volumes?.filter((one) => one.persistentVolumeClaim !== undefined).map(({ name }) => name),
  )
  for (const outer of volumeMounts.filter(({ name }) => claims.has(name))) {
    const prefix = normalize(`/${outer.mountPath}/`)
    const inner = volumeMounts.find(
      (one) => one !== outer && normalize(`/${one.mountPath}/`).startsWith(prefix),
    )
    if (inner === undefined) continue
    throw new ContainerConfigError(
      `the mount at ${inner.mountPath} lies inside that of a persistent volume at ${outer.mountPath}, ` +
        `which the embedded cluster does not have: mount it elsewhere`,
    )
  }
}

/** A subPath does not follow later changes of its volume, as in Kubernetes; nor does it lead out of it by a link. */
function subPathOf(volumeDir: string, subPath: string): string {
  const path = join(volumeDir, normalize(`/${subPath}`))
  if (!existsSync(path)) mkdirSync(path, { recursive: true })
  const real = realpathSync(path)
  if (!`${real}/`.startsWith(`${realpathSync(volumeDir)}/`))
    throw new ContainerConfigError(`subPath "${subPath}" leads out of its volume`)
  return real
}

function filesOf(volume: Volume, pod: Pod, facts: PodFacts, sources: ConfigSources): VolumeFile[] {
  const { configMap, secret, projected, downwardAPI } = volume
  if (configMap) return project({ configMap }, configMap.defaultMode, pod, facts, sources)
  if (secret) {
    const { secretName, items, optional, defaultMode } = secret
    const source = {
      name: secretName ?? '',
      ...(items && { items }),
      ...(optional !== undefined && { optional }),
    }
    return project({ secret: source }, defaultMode, pod, facts, sources)
  }
  if (downwardAPI) return project({ downwardAPI }, downwardAPI.defaultMode, pod, facts, sources)
  if (projected) {
    return (projected.sources ?? []).flatMap((one) =>
      project(one, projected.defaultMode, pod, facts, sources),
    )
  }
  const [kind = 'unknown'] = Object.keys(volume).filter((key) => key !== 'name')
  throw new ContainerConfigError(
    `volume "${volume.name}" is of kind ${kind}, which the embedded cluster does not have: ` +
      `use emptyDir, configMap, secret, projected, downwardAPI or persistentVolumeClaim`,
  )
}

function project(
  { configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection,
  mode = defaultFileMode,
  pod: Pod,
  facts: PodFacts,
  sources: ConfigSources,
): VolumeFile[] {
  if (configMap) {
    const found = sources.configMap(configMap.name ?? '')
    if (found === undefined && configMap.optional !== true) {
      throw new ContainerConfigError(`configmap "${configMap.name ?? ''}" not found`)
    }
    const data = new Map([
      ...Object.entries(found?.data ?? {}).map(
        ([key, value]) => [key, Buffer.from(value)] as const,
      ),
      ...decoded(found?.binaryData),
    ])
    return select(data, configMap.items, mode, configMap.optional)
  }
  if (secret) {
    const found = sources.secret(secret.name ?? '')
    if (found === undefined && secret.optional !== true) {
      throw new ContainerConfigError(`secret "${secret.name ?? ''}" not found`)
    }
    return select(new Map(decoded(found?.data)), secret.items, mode, secret.optional)
  }
  if (downwardAPI)
    return (downwardAPI.items ?? []).map((item) => downwardFile(item, mode, pod, facts))
  throw new ContainerConfigError(
    serviceAccountToken
      ? 'projected service account tokens are not supported by the embedded cluster'
      : 'this kind of projected volume is not supported by the embedded cluster',
  )
}

function decoded(data: Readonly<Record<string, string>> = {}): (readonly [string, Buffer])[] {
  return Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const)
}

function select(
  data: ReadonlyMap<string, Buffer>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
  optional: boolean | undefined,
): VolumeFile[] {
  if (items === undefined) return [...data].map(([path, bytes]) => ({ path, data: bytes, mode }))
  return items.flatMap((item) => {
    const bytes = data.get(item.key)
    if (bytes !== undefined) return [{ path: item.path, data: bytes, mode: item.mode ?? mode }]
    if (optional === true) return []
    throw new ContainerConfigError(`references non-existent config key: ${item.key}`)
  })
}

function downwardFile(
  item: DownwardAPIVolumeFile,
  mode: number,
  pod: Pod,
  facts: PodFacts,
): VolumeFile {
  const { fieldRef, resourceFieldRef, path } = item
  const container = pod.spec?.containers.find(
    ({ name }) => name === resourceFieldRef?.containerName,
  )
  const text = fieldRef
    ? fieldOf(fieldRef.fieldPath, pod, facts)
    : resourceFieldRef && container
      ? resourceOf(resourceFieldRef, container, facts)
      : ''
  return { path, data: Buffer.from(text), mode: item.mode ?? mode }
}

function replaceContents(dir: string, files: readonly VolumeFile[]): void {
  const version = `..${hashOf(files)}`
  const current = join(dir, '..data')
  if (linkTarget(current) === version) return
  mkdirSync(join(dir, version), { recursive: true })
  for (const { path, data, mode } of files) {
    // Normalised from `/`: an item's path cannot lead out of the volume.
    const file = join(dir, version, normalize(`/${path}`))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data, { mode })
  }
  symlinkSync(version, `${current}.new`)
  renameSync(`${current}.new`, current)
  linkEntries(dir, version)
}

/** One link per entry of the new contents; links and contents of before go. */
function linkEntries(dir: string, version: string): void {
  const wanted = new Set(readdirSync(join(dir, version)))
  for (const name of wanted) {
    if (linkTarget(join(dir, name)) === undefined)
      symlinkSync(join('..data', name), join(dir, name))
  }
  for (const name of readdirSync(dir)) {
    if (!wanted.has(name) && name !== version && name !== '..data') {
      rmSync(join(dir, name), { recursive: true, force: true })
    }
  }
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? readlinkSync(path)
    : undefined
}

function hashOf(files: readonly VolumeFile[]): string {
  const hash = createHash('sha256')
  for (const { path, data, mode } of files)
    hash.update(`${path}\0${mode}\0${data.length}\0`).update(data)
  return hash.digest('hex').slice(0, 16)
}
