/** Flags → fields of an app's spec. Used to make a spec, and to change the parts of one that were named. */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { appLimits, type EnvVar, type RemoteAppSpec } from '@porpulsion/contract'
import { integer, keyValue, usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'

export interface SpecFlags {
  readonly image?: string
  readonly replicas?: string
  readonly port?: readonly string[]
  readonly expose?: readonly string[]
  readonly env?: readonly string[]
  readonly config?: readonly string[]
  readonly secret?: readonly string[]
  readonly cpu?: string
  readonly memory?: string
  readonly readinessPath?: string
  readonly label?: readonly string[]
  readonly command?: readonly string[]
}

type Fields = Partial<RemoteAppSpec>
type AppPort = NonNullable<RemoteAppSpec['ports']>[number]

/** The fields that the flags name. `current` is what lists and maps of an existing app start from. */
export async function specFields(
  io: Io,
  flags: SpecFlags,
  args: readonly string[],
  current: Partial<RemoteAppSpec> = {},
): Promise<Fields> {
  const { image, replicas, command } = flags
  return {
    ...(image !== undefined && { image }),
    ...(replicas !== undefined && { replicas: replicaCount(replicas) }),
    ...(command !== undefined && { command: [...command] }),
    ...(args.length > 0 && { args: [...args] }),
    ...portFields(flags, current),
    ...envFields(flags, current),
    ...resourceFields(flags, current),
    ...probeFields(flags, current),
    ...labelFields(flags, current),
    ...(await mountFields(io, flags, current)),
  }
}

export const replicaCount = (text: string): number =>
  integer('--replicas', text, { min: 0, max: appLimits.maxReplicas })

function portFields({ port, expose }: SpecFlags, current: Partial<RemoteAppSpec>): Fields {
  if (port === undefined && expose === undefined) return {}
  const ports = port?.map(parsePort) ?? current.ports ?? []
  return { ports: (expose ?? []).reduce(exposed, ports) }
}

/** One of the ports, by number or name; a number that is none of them is one more. */
function exposed(ports: readonly AppPort[], wanted: string): AppPort[] {
  const isWanted = ({ port, name }: AppPort): boolean => String(port) === wanted || name === wanted
  if (ports.some(isWanted))
    return ports.map((port) => (isWanted(port) ? { ...port, expose: true } : port))
  const port = integer('--expose', wanted, { min: 1, max: 65_535 })
  return [...ports, { port, expose: true }]
}

/** `8080`, or `http:8080`. */
function parsePort(text: string): AppPort {
  const [number = '', name] = text.split(':').toReversed()
  const port = integer('--port', number, { min: 1, max: 65_535 })
  return name === undefined ? { port } : { port, name }
}

function envFields({ env }: SpecFlags, current: Partial<RemoteAppSpec>): Fields {
  if (env === undefined) return {}
  const variables = new Map<string, EnvVar>((current.env ?? []).map((one) => [one.name, one]))
  for (const text of env) {
    if (text.endsWith('-') && !text.includes('=')) {
      variables.delete(text.slice(0, -1))
      continue
    }
    const [name, value] = keyValue('--env', text)
    variables.set(name, { name, value })
  }
  return { env: [...variables.values()] }
}

/** Requested and at most: what is promised is what it may use, so that a full host cannot starve it. */
function resourceFields({ cpu, memory }: SpecFlags, { resources }: Partial<RemoteAppSpec>): Fields {
  if (cpu === undefined && memory === undefined) return {}
  const named = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
  return {
    resources: {
      requests: { ...resources?.requests, ...named },
      limits: { ...resources?.limits, ...named },
    },
  }
}

function probeFields({ readinessPath, port }: SpecFlags, current: Partial<RemoteAppSpec>): Fields {
  if (readinessPath === undefined) return {}
  const first = port === undefined ? current.ports?.[0]?.port : port.map(parsePort)[0]?.port
  if (first === undefined) throw usageError('--readiness-path needs a port to ask: give --port too')
  return { readinessProbe: { httpGet: { path: readinessPath, port: first } } }
}

function labelFields({ label }: SpecFlags, current: Partial<RemoteAppSpec>): Fields {
  if (label === undefined) return {}
  const pairs = label.map((text) => keyValue('--label', text))
  return { labels: { ...current.labels, ...Object.fromEntries(pairs) } }
}

async function mountFields(
  io: Io,
  { config, secret }: SpecFlags,
  current: Partial<RemoteAppSpec>,
): Promise<Fields> {
  return {
    ...(config !== undefined && {
      configMaps: await mounts(io, '--config', config, current.configMaps ?? []),
    }),
    ...(secret !== undefined && {
      secrets: await mounts(io, '--secret', secret, current.secrets ?? []),
    }),
  }
}

interface Mount {
  readonly name: string
  readonly mountPath: string
  readonly data?: Record<string, string>
}

/** Files of one name and directory gather in one mount. */
async function mounts<M extends Mount>(
  io: Io,
  flag: string,
  texts: readonly string[],
  current: readonly M[],
): Promise<(M | Mount)[]> {
  const byName = new Map<string, M | Mount>(current.map((mount) => [mount.name, mount]))
  for (const text of texts) {
    const { name, mountPath, file } = parseMount(flag, text)
    const known = byName.get(name)
    if (known !== undefined && known.mountPath !== mountPath) {
      throw usageError(
        `${flag} ${name} is mounted at ${known.mountPath} and at ${mountPath}; use two names`,
      )
    }
    const content = await readMountedFile(io, flag, file)
    byName.set(name, {
      ...known,
      name,
      mountPath,
      data: { ...known?.data, [basename(file)]: content },
    })
  }
  return [...byName.values()]
}

function parseMount(flag: string, text: string): { name: string; mountPath: string; file: string } {
  const match = /^(?<name>[^:=]+):(?<mountPath>\/[^:=]*)=(?<file>.+)$/.exec(text)?.groups
  const { name, mountPath, file } = match ?? {}
  if (name === undefined || mountPath === undefined || file === undefined) {
    throw usageError(`${flag} takes NAME:/DIRECTORY=FILE, not "${text}"`)
  }
  return { name, mountPath, file }
}

async function readMountedFile({ cwd }: Io, flag: string, file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(resolve(cwd, file)))
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(cause)
    throw usageError(`${flag}: ${file} cannot be read as text: ${reason}`)
  }
}
