/** What an agent is told at start: by the CLI's flags, or by PORPULSION_* variables. The only reader of the environment. */
import { DnsLabel, invalidFields, schemaErrors, type FieldError } from '@porpulsion/contract'
import type { LogLevel } from './observability/index.ts'

/** The cluster this agent belongs to is always named; an ambient kubeconfig is never used silently. */
export type ClusterSource =
  | { readonly kind: 'in-cluster' }
  | { readonly kind: 'kubeconfig'; readonly file: string; readonly context?: string }

export interface AgentOptions {
  /** DNS-1123 label; how this agent introduces itself to peers. */
  readonly name: string
  readonly cluster: ClusterSource
  /** Namespace of the agent's own state. Default `porpulsion`. */
  readonly namespace?: string
  /** Where peers reach us; left out when they cannot: then we dial. */
  readonly selfUrl?: string
  /** Address to listen on. Default 127.0.0.1; in a cluster 0.0.0.0. */
  readonly host?: string
  /** Page, API and app origins. Default 8000; 0 for any free one. */
  readonly dashboardPort?: number
  /** `/peer` and `/ws`. Default 8001; 0 for any free one. */
  readonly peerPort?: number
  /** Further Host headers this agent answers to, besides localhost and its addresses. */
  readonly allowedHosts?: readonly string[]
  /** App origins are `<port>--<name>--<namespace>.<proxyDomain>`. With https, if it has no scheme. Default `localhost`. */
  readonly proxyDomain?: string
  /** Addresses or CIDRs of proxies whose X-Forwarded-For we believe. */
  readonly trustedProxies?: readonly string[]
  /** Directory of the built page; left out, only the API is served. */
  readonly dashboardDir?: string
  /** The first start writes an admin token there (mode 0600), for a CLI on the same machine. */
  readonly adminTokenFile?: string
  /** Where the audit trail is written, on a volume. Left out: to the log, and the last thousand entries in memory. */
  readonly auditFile?: string
  readonly logLevel?: LogLevel
  /** How long the certificates of sessions are good for; sessions give way at two thirds of it. Default: a day. */
  readonly leafLifetimeSeconds?: number
  /** Pods of this cluster can be dialled by their addresses; else through the API server. Default: in-cluster only. */
  readonly podsReachable?: boolean
  /** How namespaces of peers come about. Default: made by the agent, which has its rights in the whole cluster. */
  readonly hosting?: {
    /** `precreated`: the owner of the cluster makes them, with a RoleBinding for the agent in each. */
    readonly namespaces?: 'managed' | 'precreated'
    /** ClusterRole that the agent binds to `serviceAccount` in each namespace it makes. */
    readonly hostRole?: string
    /** The agent's own, in its namespace. */
    readonly serviceAccount?: string
  }
  /** Ports of our apps at peers that are reachable in this cluster (`expose: true`). */
  readonly exposures?: {
    /** Where the agent listens for them, one port each. Default 20000 to 20255. */
    readonly ports?: { readonly first: number; readonly last: number }
    /** Address to listen on. Default 127.0.0.1; in a cluster that of `host`. Whoever reaches it reaches the apps. */
    readonly host?: string
    /** Labels of the agent's pods, for Services to lead to. Default: none do, and addresses are of this machine. */
    readonly selector?: Readonly<Record<string, string>>
  }
  /** For credential plugins of the kubeconfig, the in-cluster address and proxies. Default: empty. */
  readonly environment?: Environment
}

export type CompleteOptions = Required<Omit<AgentOptions, OptionalOption>> &
  Pick<AgentOptions, OptionalOption>
type OptionalOption = 'selfUrl' | 'dashboardDir' | 'adminTokenFile' | 'auditFile'

/** Defaults filled in. Throws `InvalidRequest` naming each wrong option. */
export function completeOptions(options: AgentOptions): CompleteOptions {
  const fields: FieldError[] = [
    ...schemaErrors(DnsLabel, options.name, 'name'),
    ...(options.namespace === undefined
      ? []
      : schemaErrors(DnsLabel, options.namespace, 'namespace')),
    ...urlErrors(options.selfUrl),
    ...portErrors('dashboardPort', options.dashboardPort),
    ...portErrors('peerPort', options.peerPort),
    ...rangeErrors(options.exposures?.ports),
    ...leafLifetimeErrors(options.leafLifetimeSeconds),
  ]
  if (fields.length > 0) throw invalidFields(fields)
  const inCluster = options.cluster.kind === 'in-cluster'
  return {
    namespace: 'porpulsion',
    host: inCluster ? '0.0.0.0' : '127.0.0.1',
    dashboardPort: 8000,
    peerPort: 8001,
    allowedHosts: [],
    proxyDomain: 'localhost',
    trustedProxies: [],
    logLevel: 'info',
    leafLifetimeSeconds: 24 * 60 * 60,
    podsReachable: inCluster,
    hosting: {},
    exposures: {},
    environment: {},
    ...options,
  }
}

function urlErrors(url: string | undefined): FieldError[] {
  if (url === undefined) return []
  const message =
    'must be an http:// or https:// URL without path, e.g. https://porpulsion.example.com'
  if (!URL.canParse(url)) return [{ path: 'selfUrl', message }]
  const { protocol, pathname, search, hash } = new URL(url)
  const plain =
    (protocol === 'https:' || protocol === 'http:') && pathname === '/' && search + hash === ''
  return plain ? [] : [{ path: 'selfUrl', message }]
}

function portErrors(path: string, port: number | undefined): FieldError[] {
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65_535)) return []
  return [{ path, message: 'must be a port number from 0 to 65535' }]
}

/** Shorter, and renewals would meet; longer, and a stolen key would be worth having. */
const leafLifetimeBounds = { minSeconds: 60, maxSeconds: 7 * 24 * 60 * 60 }

function leafLifetimeErrors(seconds: number | undefined): FieldError[] {
  const { minSeconds, maxSeconds } = leafLifetimeBounds
  if (seconds === undefined) return []
  if (Number.isInteger(seconds) && seconds >= minSeconds && seconds <= maxSeconds) return []
  const message = `must be a whole number of seconds from ${minSeconds} to ${maxSeconds}`
  return [{ path: 'leafLifetimeSeconds', message }]
}

function rangeErrors(
  ports: { readonly first: number; readonly last: number } | undefined,
): FieldError[] {
  if (ports === undefined) return []
  const { first, last } = ports
  const isRange =
    Number.isInteger(first) &&
    Number.isInteger(last) &&
    first >= 1_024 &&
    first <= last &&
    last <= 65_535
  return isRange
    ? []
    : [
        {
          path: 'exposures.ports',
          message: 'must be FIRST-LAST, ports from 1024 to 65535, e.g. 20000-20255',
        },
      ]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Options from PORPULSION_* variables, as the container image is configured; flags of the CLI go before them. */
export function optionsFromEnvironment(env: Environment): Partial<AgentOptions> {
  const text = <K extends keyof AgentOptions>(
    key: K,
    variable: string,
  ): Partial<Record<K, string>> => {
    const value = env[`PORPULSION_${variable}`]
    return value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, string>) // K is the only key
  }
  const number = <K extends keyof AgentOptions>(
    key: K,
    variable: string,
  ): Partial<Record<K, number>> => {
    const value = env[`PORPULSION_${variable}`]
    return value === undefined || value === ''
      ? {}
      : ({ [key]: Number(value) } as Record<K, number>) // K is the only key
  }
  const list = <K extends keyof AgentOptions>(
    key: K,
    variable: string,
  ): Partial<Record<K, string[]>> => {
    const value = env[`PORPULSION_${variable}`]
    return value === undefined || value === ''
      ? {}
      : ({ [key]: value.split(',') } as Record<K, string[]>) // K is the only key
  }
  return {
    ...text('name', 'AGENT_NAME'),
    ...text('namespace', 'NAMESPACE'),
    ...text('selfUrl', 'SELF_URL'),
    ...text('host', 'HOST'),
    ...number('dashboardPort', 'DASHBOARD_PORT'),
    ...number('peerPort', 'PEER_PORT'),
    ...list('allowedHosts', 'ALLOWED_HOSTS'),
    ...text('proxyDomain', 'PROXY_DOMAIN'),
    ...list('trustedProxies', 'TRUSTED_PROXIES'),
    ...text('adminTokenFile', 'ADMIN_TOKEN_FILE'),
    ...text('auditFile', 'AUDIT_FILE'),
    ...number('leafLifetimeSeconds', 'LEAF_LIFETIME_SECONDS'),
    ...hosting(env),
    ...exposures(env),
    ...logLevel(env['PORPULSION_LOG_LEVEL']),
    environment: env,
  }
}

function hosting(env: Environment): Pick<AgentOptions, 'hosting'> {
  const {
    PORPULSION_HOSTING_NAMESPACES: namespaces = '',
    PORPULSION_HOST_ROLE: hostRole = '',
    PORPULSION_SERVICE_ACCOUNT: serviceAccount = '',
  } = env
  if (namespaces !== '' && namespaces !== 'managed' && namespaces !== 'precreated')
    throw invalidFields([
      { path: 'PORPULSION_HOSTING_NAMESPACES', message: 'must be managed or precreated' },
    ])
  const given: AgentOptions['hosting'] = {
    ...(namespaces !== '' && { namespaces }),
    ...(hostRole !== '' && { hostRole }),
    ...(serviceAccount !== '' && { serviceAccount }),
  }
  return Object.keys(given).length === 0 ? {} : { hosting: given }
}

/** `20000-20255`, an address, and `key=value,key=value`. */
function exposures(env: Environment): Pick<AgentOptions, 'exposures'> {
  const {
    PORPULSION_EXPOSE_PORTS: ports = '',
    PORPULSION_EXPOSE_HOST: host = '',
    PORPULSION_EXPOSE_SELECTOR: selector = '',
  } = env
  // What is no number becomes NaN, which no range has.
  const [first = NaN, last = NaN] = ports.split('-').map((end) => (end === '' ? NaN : Number(end)))
  const labels = selector.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  const given: AgentOptions['exposures'] = {
    ...(ports !== '' && { ports: { first, last } }),
    ...(host !== '' && { host }),
    ...(selector !== '' && { selector: Object.fromEntries(labels) }),
  }
  return Object.keys(given).length === 0 ? {} : { exposures: given }
}

const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

function logLevel(value: string | undefined): { logLevel?: LogLevel } {
  const known = logLevels.find((level) => level === value)
  return known === undefined ? {} : { logLevel: known }
}
