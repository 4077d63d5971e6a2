import { execFile } from 'node:child_process'
import { abortReason, onAbort } from './abort.ts'
import type { Clock } from './clock.ts'
import type { ClusterConnection, Credential, Credentials } from './cluster-connection.ts'

/** What a plugin may be told of the server it is to log in to. */
export type ExecCluster = Omit<ClusterConnection, 'credentials'>

/** A program that prints credentials, as cloud providers ship them. */
export interface ExecPlugin {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Shown when the command is not there. */
  readonly installHint?: string
  /** Handed to the plugin if it asked for it. */
  readonly cluster?: ExecCluster
}

/** Some plugins go through a browserless login over the network. */
const pluginTimeoutMs = 60_000
const maxOutputBytes = 1024 * 1024
/** A token is replaced this long before it ends: requests take time, and clocks differ. */
const renewBeforeMs = 30_000
const maxQuotedCharacters = 1_000

/** Runs the plugin when there is nothing valid to hand out; callers that come meanwhile share the run. */
export function execCredentials(plugin: ExecPlugin, clock: Clock): Credentials {
  let cached: IssuedCredential | undefined
  let running: Promise<IssuedCredential> | undefined
  return {
    async current(signal) {
      if (cached !== undefined && clock.now() < cached.renewAt) return cached.credential
      running ??= run(plugin).finally(() => {
        running = undefined
      })
      cached = await unlessAborted(running, signal)
      return cached.credential
    },
    expire() {
      cached = undefined
    },
  }
}

interface IssuedCredential {
  readonly credential: Credential
  /** Infinite if the plugin names no end: then the server's 401 ends it. */
  readonly renewAt: number
}

function run(plugin: ExecPlugin): Promise<IssuedCredential> {
  return new Promise((resolve, reject) => {
    execFile(
      plugin.command,
      plugin.args,
      {
        env: { ...plugin.environment, KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin)) },
        timeout: pluginTimeoutMs,
        maxBuffer: maxOutputBytes,
      },
      (error, stdout, stderr) => {
        try {
          if (error) throw failure(plugin, error, stderr)
          resolve(parseCredential(plugin, stdout))
        } catch (fault) {
          reject(fault instanceof Error ? fault : new Error(String(fault)))
        }
      },
    )
  })
}

function execInfo({ apiVersion, cluster }: ExecPlugin): object {
  return {
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(cluster && {
        cluster: {
          server: cluster.server,
          'tls-server-name': cluster.tlsServerName,
          'insecure-skip-tls-verify': cluster.insecureSkipTlsVerify,
          'proxy-url': cluster.proxyUrl,
          ...(cluster.certificateAuthority !== undefined && {
            'certificate-authority-data': Buffer.from(cluster.certificateAuthority).toString(
              'base64',
            ),
          }),
        },
      }),
    },
  }
}

/** The output is the plugin's, so every field is checked before it is believed. */
function parseCredential(plugin: ExecPlugin, output: string): IssuedCredential {
  const { status } = parseOutput(plugin, output)
  const token = status['token']
  const certificate = status['clientCertificateData']
  const key = status['clientKeyData']
  const expiry = status['expirationTimestamp']
  const credential: Credential = {
    ...(typeof token === 'string' && { authorization: `Bearer ${token}` }),
    ...(typeof certificate === 'string' &&
      typeof key === 'string' && { clientCertificate: { certificate, key } }),
  }
  if (Object.keys(credential).length === 0)
    throw new Error(
      `The credential plugin ${plugin.command} printed neither a token nor a certificate`,
    )
  const expiresAt = typeof expiry === 'string' ? Date.parse(expiry) : Infinity
  if (Number.isNaN(expiresAt))
    throw new Error(
      `The credential plugin ${plugin.command} printed an expirationTimestamp that is no time`,
    )
  return { credential, renewAt: expiresAt - renewBeforeMs }
}

function parseOutput(
  plugin: ExecPlugin,
  output: string,
): { readonly status: Readonly<Record<string, unknown>> } {
  let parsed: unknown
  try {
    parsed = JSON.parse(output)
  } catch (cause) {
    // The output is not quoted: it may hold half a token.
    throw new Error(`The credential plugin ${plugin.command} did not print JSON`, { cause })
  }
  if (
    !isRecord(parsed) ||
    parsed['kind'] !== 'ExecCredential' ||
    parsed['apiVersion'] !== plugin.apiVersion ||
    !isRecord(parsed['status'])
  )
    throw new Error(
      `The credential plugin ${plugin.command} did not print an ExecCredential of ${plugin.apiVersion} with a status`,
    )
  return { status: parsed['status'] }
}

function failure(plugin: ExecPlugin, error: Error, stderr: string): Error {
  const said = stderr.trim().slice(0, maxQuotedCharacters)
  const isMissing = 'code' in error && error.code === 'ENOENT'
  const hint = isMissing && plugin.installHint !== undefined ? `; ${plugin.installHint}` : ''
  return new Error(
    `The credential plugin ${plugin.command} failed: ${said === '' ? error.message : said}${hint}`,
    { cause: error },
  )
}

/** The run itself goes on: others wait for it too. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = onAbort(signal, () => reject(abortReason(signal)))
    work.then(resolve, reject).finally(leave)
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
