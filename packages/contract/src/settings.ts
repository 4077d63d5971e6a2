/** The owner's rules as one validated document. 0 and "" mean: no limit. Only what is enforced can be written. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
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
}
const resources = {
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
}
const storage = {
  enabled: Type.Optional(
    Type.Boolean({ description: 'May apps of peers claim storage (pvcs)? Default false.' }),
  ),
  maxPerClaim: LimitQuantity('Most one claim may ask for, e.g. "10Gi"; "" means no limit.'),
}
const tunnels = {
  mode: Type.Optional(
    Type.Enum(['allow', 'off'], { description: 'May peers reach the ports of their apps here?' }),
  ),
}

/** What may be set for one peer: scalars replace, `images.block` adds, `images.allow` replaces. */
export const PeerSettings = closed({
  inbound: Type.Optional(closed({ enabled: Type.Optional(Type.Boolean()) })),
  images: Type.Optional(closed(images)),
  resources: Type.Optional(closed(resources)),
  storage: Type.Optional(closed(storage)),
  tunnels: Type.Optional(closed(tunnels)),
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
  resources: Type.Optional(closed(resources)),
  storage: Type.Optional(closed(storage)),
  tunnels: Type.Optional(
    closed({
      ...tunnels,
      pathModeForBrowsers: Type.Optional(
        Type.Boolean({
          description:
            'Serve remote pages under our own address to browsers. A remote page could then act on this dashboard in your name. Default false.',
        }),
      ),
    }),
  ),
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

type Full<T> = {
  readonly [K in keyof T]-?: NonNullable<T[K]> extends object
    ? NonNullable<T[K]> extends readonly unknown[]
      ? NonNullable<T[K]>
      : Full<NonNullable<T[K]>>
    : NonNullable<T[K]>
}
/** The document with every default filled in. */
export type Settings = Full<Omit<SettingsDocument, 'peers'>> & {
  readonly peers: Readonly<Record<string, PeerSettings>>
}

export const defaultSettings: Settings = {
  inbound: { enabled: true, allowPeers: [], denyPeers: [] },
  images: { allow: [], block: [] },
  resources: { maxPerPod: { cpu: '', memory: '' }, maxReplicasPerApp: 0 },
  storage: { enabled: false, maxPerClaim: '' },
  tunnels: { mode: 'allow', pathModeForBrowsers: false },
  peering: { autoConfirm: false, outerCaFile: '', allowUntrustedIngress: false },
  peers: {},
}
