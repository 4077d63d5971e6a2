/** The owner's rules as one validated document. 0 and "" mean: no limit. Only what is enforced can be written. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
import { patterns } from './patterns.ts'
import { Quantity } from './quantity.ts'

const PeerNames = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 1_000, description }))
const Patterns = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 1_000, description }),
  )
const LimitQuantity = (description: string) =>
  Type.Optional(Type.Union([Type.Literal(''), Quantity], { description }))

const images = {
  allow: Patterns(
    'Only these images may run; empty means all. Prefixes end at a path or tag boundary; globs with * and **.',
  ),
  block: Patterns('These images never run.'),
  requireDigest: Type.Optional(
    Type.Boolean({
      description:
        'Only images named by digest (`…@sha256:…`), which cannot change afterwards. Default false.',
    }),
  ),
}
const approval = {
  required: Type.Optional(
    Type.Boolean({
      description: 'Run nothing before somebody here has approved it. Default false.',
    }),
  ),
  exemptReplicaChanges: Type.Optional(
    Type.Boolean({
      description: 'An approved app may change its replicas without asking again. Default true.',
    }),
  ),
}
const ResourceAmounts = (what: string) =>
  Type.Optional(
    closed({
      cpu: LimitQuantity(`${what} of CPU, e.g. "250m"; "" means none.`),
      memory: LimitQuantity(`${what} of memory, e.g. "128Mi"; "" means none.`),
    }),
  )
const resources = {
  requireRequests: Type.Optional(
    Type.Boolean({
      description: 'Every container says what CPU and memory it needs. Default false.',
    }),
  ),
  requireLimits: Type.Optional(
    Type.Boolean({
      description: 'Every container says how much CPU and memory it uses at most. Default false.',
    }),
  ),
  maxPerPod: Type.Optional(
    closed({
      cpu: LimitQuantity('Most CPU one pod may ask for, e.g. "2"; "" means no limit.'),
      memory: LimitQuantity('Most memory one pod may ask for, e.g. "1Gi"; "" means no limit.'),
    }),
  ),
  maxReplicasPerApp: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Most replicas of one app; 0 means no limit.',
    }),
  ),
  defaults: Type.Optional(
    closed(
      { requests: ResourceAmounts('Request'), limits: ResourceAmounts('Limit') },
      { description: 'Filled in for containers that say nothing.' },
    ),
  ),
}
const Count = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description }))
const totals = {
  apps: Count('Most apps; 0 means no limit.'),
  pods: Count('Most pods: replicas of all apps together; 0 means no limit.'),
  cpu: LimitQuantity('Most CPU: limits of all pods together, e.g. "16"; "" means no limit.'),
  memory: LimitQuantity(
    'Most memory: limits of all pods together, e.g. "32Gi"; "" means no limit.',
  ),
  storage: LimitQuantity('Most storage: all claims together, e.g. "100Gi"; "" means no limit.'),
}
const pods = {
  securityLevel: Type.Optional(
    Type.Enum(['baseline', 'restricted'], {
      description:
        'Pod Security level. At restricted what the level needs is filled in, and images that run as root fail. Default baseline.',
    }),
  ),
  allowSamePeer: Type.Optional(
    Type.Boolean({ description: 'May pods of one peer reach each other? Default true.' }),
  ),
  egressCIDRs: Type.Optional(
    Type.Array(Type.String({ pattern: patterns.cidr, maxLength: 64 }), {
      maxItems: 100,
      description:
        'Networks that pods may reach beside DNS and the public internet, e.g. "10.1.0.0/16". Ranges that are not public are closed to them otherwise.',
    }),
  ),
}
const storage = {
  enabled: Type.Optional(
    Type.Boolean({ description: 'May apps of peers claim storage (pvcs)? Default false.' }),
  ),
  maxPerClaim: LimitQuantity('Most one claim may ask for, e.g. "10Gi"; "" means no limit.'),
}
const tunnels = {
  mode: Type.Optional(
    Type.Enum(['allow', 'approval', 'off'], {
      description:
        'May peers reach the ports of their apps here? With approval, each port once somebody here has approved it. Default allow.',
    }),
  ),
  approvalTtlSeconds: Type.Optional(
    Type.Integer({
      minimum: 60,
      maximum: 365 * 86_400,
      description: 'How long the approval of a tunnel holds. Default 86400, a day.',
    }),
  ),
}
const exec = {
  enabled: Type.Optional(
    Type.Boolean({
      description:
        'May peers run commands and terminals in the pods of their apps here? Switched off, open ones are cut. Default true.',
    }),
  ),
}

/** What may be set for one peer: scalars replace, `images.block` adds, `images.allow` replaces. */
export const PeerSettings = closed({
  inbound: Type.Optional(closed({ enabled: Type.Optional(Type.Boolean()) })),
  images: Type.Optional(closed(images)),
  approval: Type.Optional(closed(approval)),
  resources: Type.Optional(closed(resources)),
  totals: Type.Optional(
    closed(totals, { description: 'Of this peer alone; enforced by Kubernetes as well.' }),
  ),
  storage: Type.Optional(closed(storage)),
  pods: Type.Optional(closed(pods)),
  tunnels: Type.Optional(closed(tunnels)),
  exec: Type.Optional(closed(exec)),
})
export type PeerSettings = Static<typeof PeerSettings>

export const SettingsDocument = closed({
  inbound: Type.Optional(
    closed({
      enabled: Type.Optional(
        Type.Boolean({ description: 'Take apps from peers at all. Default true.' }),
      ),
      allowPeers: PeerNames('Only these peers; empty means all.'),
      denyPeers: PeerNames('Never these peers.'),
    }),
  ),
  images: Type.Optional(closed(images)),
  approval: Type.Optional(closed(approval)),
  resources: Type.Optional(closed(resources)),
  totals: Type.Optional(closed(totals, { description: 'Of all peers together.' })),
  storage: Type.Optional(closed(storage)),
  pods: Type.Optional(closed(pods)),
  tunnels: Type.Optional(
    closed({
      ...tunnels,
      allowPeers: PeerNames('Only these peers; empty means all.'),
      pathModeForBrowsers: Type.Optional(
        Type.Boolean({
          description:
            'Serve remote pages under our own address to browsers. A remote page could then act on this dashboard in your name. Default false.',
        }),
      ),
    }),
  ),
  exec: Type.Optional(closed(exec)),
  peering: Type.Optional(
    closed({
      autoConfirm: Type.Optional(
        Type.Boolean({
          description:
            'Trust whoever redeems an invite without comparing fingerprints: who steals an invite can redeem it first.',
        }),
      ),
      outerCaFile: Type.Optional(
        Type.String({
          maxLength: 4_096,
          description: 'PEM file of a private CA that signed the ingress of peers.',
        }),
      ),
      allowUntrustedIngress: Type.Optional(
        Type.Boolean({
          description: 'Do not verify the outer TLS of peers; trust comes from the inner TLS.',
        }),
      ),
    }),
  ),
  peers: Type.Optional(
    Type.Record(Type.String({ maxLength: 63 }), PeerSettings, {
      description: 'Overrides by peer name.',
    }),
  ),
})
export type SettingsDocument = Static<typeof SettingsDocument>

/** Nothing of it is left out. */
export type Filled<T> = {
  readonly [K in keyof T]-?: NonNullable<T[K]> extends object
    ? NonNullable<T[K]> extends readonly unknown[]
      ? NonNullable<T[K]>
      : Filled<NonNullable<T[K]>>
    : NonNullable<T[K]>
}
/** The document with every default filled in. */
export type Settings = Filled<Omit<SettingsDocument, 'peers'>> & {
  readonly peers: Readonly<Record<string, PeerSettings>>
}

export const defaultSettings: Settings = {
  inbound: { enabled: true, allowPeers: [], denyPeers: [] },
  images: { allow: [], block: [], requireDigest: false },
  approval: { required: false, exemptReplicaChanges: true },
  resources: {
    requireRequests: false,
    requireLimits: false,
    maxPerPod: { cpu: '', memory: '' },
    maxReplicasPerApp: 0,
    defaults: { requests: { cpu: '', memory: '' }, limits: { cpu: '', memory: '' } },
  },
  totals: { apps: 0, pods: 0, cpu: '', memory: '', storage: '' },
  storage: { enabled: false, maxPerClaim: '' },
  pods: { securityLevel: 'baseline', allowSamePeer: true, egressCIDRs: [] },
  tunnels: {
    mode: 'allow',
    allowPeers: [],
    approvalTtlSeconds: 86_400,
    pathModeForBrowsers: false,
  },
  exec: { enabled: true },
  peering: { autoConfirm: false, outerCaFile: '', allowUntrustedIngress: false },
  peers: {},
}

/** With every default filled in. */
export function effectiveSettings(document: SettingsDocument): Settings {
  return filledIn(defaultSettings, document) as Settings // the schema's fields, each with its default
}

function filledIn(defaults: unknown, given: unknown): unknown {
  if (given === undefined) return defaults
  if (!isObject(defaults) || !isObject(given)) return given
  const keys = new Set([...Object.keys(defaults), ...Object.keys(given)])
  return Object.fromEntries([...keys].map((key) => [key, filledIn(defaults[key], given[key])]))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
