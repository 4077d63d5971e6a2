/** Kubeconfig files: which cluster a context means, and as whom. Always an explicit file, never one found by itself. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { systemClock, type Clock } from './clock.ts'
import {
  anonymous,
  bearerToken,
  combinedCredentials,
  fixedCredentials,
  type ClusterConnection,
  type Credentials,
} from './cluster-connection.ts'
import { execCredentials, type ExecCluster, type ExecPlugin } from './exec-credentials.ts'
import { clientCertificateFiles, tokenFile, type PemSource } from './file-credentials.ts'

export interface KubeconfigOptions {
  /** Default: the file's `current-context`. */
  readonly context?: string | undefined
  /** What credential plugins run with (they need at least PATH and HOME); nothing is taken from our own environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
}

/** The file is at fault; the message names the field. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

export async function loadKubeconfig(
  file: string,
  options: KubeconfigOptions = {},
): Promise<ClusterConnection> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new KubeconfigError(`Kubeconfig ${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
  try {
    return await connectionFromKubeconfig(text, dirname(resolve(file)), options)
  } catch (cause) {
    throw new KubeconfigError(`Kubeconfig ${file}: ${messageOf(cause)}`, { cause })
  }
}

/** Paths in the text are relative to `directory`. */
export async function connectionFromKubeconfig(
  text: string,
  directory: string,
  { context: wanted, environment = {}, clock = systemClock }: KubeconfigOptions = {},
): Promise<ClusterConnection> {
  const config = section(parse(text), 'the file')
  const contextName = wanted ?? config.text('current-context')
  if (contextName === undefined)
    throw new KubeconfigError('it has no current-context, and no context was asked for')
  const context = named(config, 'contexts', contextName).section('context')
  const cluster = named(config, 'clusters', context.required('cluster')).section('cluster')
  const userName = context.text('user')
  const user = userName === undefined ? undefined : named(config, 'users', userName).section('user')

  const namespace = context.text('namespace')
  const place = await readCluster(cluster, directory)
  return {
    ...place,
    ...(namespace !== undefined && { namespace }),
    credentials:
      user === undefined
        ? anonymous
        : credentialsOf(user, { directory, environment, clock, place }),
  }
}

async function readCluster(
  cluster: Section,
  directory: string,
): Promise<Omit<ClusterConnection, 'credentials'>> {
  const server = cluster.required('server')
  if (!URL.canParse(server)) throw cluster.fault('server', `is not a URL: "${server}"`)
  const caFile = cluster.text('certificate-authority')
  const certificateAuthority =
    cluster.base64('certificate-authority-data') ??
    (caFile === undefined ? undefined : await readFile(resolve(directory, caFile), 'utf8'))
  const tlsServerName = cluster.text('tls-server-name')
  return {
    server,
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(cluster.flag('insecure-skip-tls-verify') && { insecureSkipTlsVerify: true }),
    ...proxyOf(cluster),
  }
}

function proxyOf(cluster: Section): { readonly proxyUrl?: string } {
  const proxyUrl = cluster.text('proxy-url')
  if (proxyUrl === undefined) return {}
  if (!/^https?:\/\//.test(proxyUrl))
    throw cluster.fault('proxy-url', `must begin with http:// or https://, not "${proxyUrl}"`)
  return { proxyUrl }
}

interface UserSurroundings {
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly place: ExecCluster
}

/** A certificate and one kind of Authorization may stand side by side, as in kubectl. */
function credentialsOf(user: Section, surroundings: UserSurroundings): Credentials {
  for (const field of ['auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra'])
    if (user.has(field)) throw user.fault(field, 'is not supported')
  const sources = [
    certificateOf(user, surroundings),
    authorizationOf(user, surroundings),
    pluginOf(user, surroundings),
  ].filter((source) => source !== undefined)
  return combinedCredentials(sources)
}

function certificateOf(
  user: Section,
  { directory, clock }: UserSurroundings,
): Credentials | undefined {
  const certificate = pemSource(user, 'client-certificate', directory)
  const key = pemSource(user, 'client-key', directory)
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined) throw user.fault('client-certificate', 'is missing beside its key')
  if (key === undefined) throw user.fault('client-key', 'is missing beside its certificate')
  return clientCertificateFiles({ certificate, key }, clock)
}

function authorizationOf(
  user: Section,
  { directory, clock }: UserSurroundings,
): Credentials | undefined {
  const file = user.text('tokenFile')
  if (file !== undefined) return tokenFile(resolve(directory, file), clock)
  const token = user.text('token')
  if (token !== undefined) return bearerToken(token)
  const name = user.text('username')
  if (name === undefined) return undefined
  const pair = `${name}:${user.text('password') ?? ''}`
  return fixedCredentials({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
}

function pluginOf(user: Section, surroundings: UserSurroundings): Credentials | undefined {
  if (!user.has('exec')) return undefined
  const { directory, environment, clock, place } = surroundings
  const exec = user.section('exec')
  const apiVersion = exec.required('apiVersion')
  if (
    apiVersion !== 'client.authentication.k8s.io/v1' &&
    apiVersion !== 'client.authentication.k8s.io/v1beta1'
  )
    throw exec.fault(
      'apiVersion',
      `"${apiVersion}" is not supported; use client.authentication.k8s.io/v1`,
    )
  if (exec.text('interactiveMode') === 'Always')
    throw exec.fault('interactiveMode', 'is Always, but nobody sits in front of this program')
  const command = exec.required('command')
  const installHint = exec.text('installHint')
  const plugin: ExecPlugin = {
    apiVersion,
    // As in kubectl: a bare name is looked up in PATH, anything else is relative to the file.
    command: command.includes('/') ? resolve(directory, command) : command,
    args: exec.texts('args'),
    environment: {
      ...environment,
      ...Object.fromEntries(
        exec
          .sections('env')
          .map((variable) => [variable.required('name'), variable.text('value') ?? '']),
      ),
    },
    ...(installHint !== undefined && { installHint }),
    ...(exec.flag('provideClusterInfo') && { cluster: place }),
  }
  return execCredentials(plugin, clock)
}

function pemSource(user: Section, field: string, directory: string): PemSource | undefined {
  const inline = user.base64(`${field}-data`)
  if (inline !== undefined) return { kind: 'inline', pem: inline }
  const path = user.text(field)
  return path === undefined ? undefined : { kind: 'file', path: resolve(directory, path) }
}

function named(config: Section, list: string, name: string): Section {
  const found = config.sections(list).find((entry) => entry.text('name') === name)
  if (found !== undefined) return found
  const known = config.sections(list).map((entry) => entry.text('name') ?? '?')
  throw new KubeconfigError(`${list} has no "${name}"; it has: ${known.join(', ') || 'none'}`)
}

/** A mapping in the file, read with faults that name the field. */
class Section {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(fields: Readonly<Record<string, unknown>>, where: string) {
    this.#fields = fields
    this.#where = where
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined && this.#fields[field] !== null
  }

  /** Empty is absent, as kubectl has it. */
  text(field: string): string | undefined {
    const value = this.#fields[field]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') throw this.fault(field, 'must be text')
    return value
  }

  required(field: string): string {
    const value = this.text(field)
    if (value === undefined) throw this.fault(field, 'is missing')
    return value
  }

  base64(field: string): string | undefined {
    const value = this.text(field)
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }

  flag(field: string): boolean {
    const value = this.#fields[field] ?? false
    if (typeof value !== 'boolean') throw this.fault(field, 'must be true or false')
    return value
  }

  texts(field: string): string[] {
    return this.#list(field).map((value) => {
      if (typeof value !== 'string') throw this.fault(field, 'must be a list of texts')
      return value
    })
  }

  section(field: string): Section {
    return section(this.#fields[field], `${this.#where}, ${field}`)
  }

  sections(field: string): Section[] {
    return this.#list(field).map((value, index) =>
      section(value, `${this.#where}, ${field}[${index}]`),
    )
  }

  fault(field: string, text: string): KubeconfigError {
    return new KubeconfigError(`in ${this.#where}, "${field}" ${text}`)
  }

  #list(field: string): unknown[] {
    const value = this.#fields[field] ?? []
    if (!Array.isArray(value)) throw this.fault(field, 'must be a list')
    return value
  }
}

function section(value: unknown, where: string): Section {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new KubeconfigError(`${where} must be a mapping`)
  return new Section(value as Readonly<Record<string, unknown>>, where)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
