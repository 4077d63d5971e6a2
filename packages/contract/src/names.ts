import { Type } from 'typebox'
import { patterns } from './patterns.ts'

/** API group of every resource, and prefix of every label, annotation and finalizer. */
export const API_GROUP = 'porpulsion.io'
export const API_VERSION = 'v1alpha1'
export const GROUP_VERSION = `${API_GROUP}/${API_VERSION}`

/** The one finalizer on everything that must be undone elsewhere before it may go. */
export const FINALIZER = `${API_GROUP}/cleanup`

/** Field manager of everything an agent applies. */
export const FIELD_MANAGER = 'porpulsion'

export const Label = {
  /** First 12 characters of the fingerprint of the peer an object runs for. */
  Peer: `${API_GROUP}/peer`,
  /** uid of the RemoteApp at the submitter. */
  App: `${API_GROUP}/app`,
  /** On a claim: `true` when it stays as the app goes, for an app of the same name to find again. */
  Retained: `${API_GROUP}/retained`,
  /** On a Secret: our name of the one peer that apps may send it to. */
  ShareWith: `${API_GROUP}/share-with`,
  /** On a Service: the RemoteApp whose exposed ports it leads to. */
  Exposes: `${API_GROUP}/exposes`,
} as const

export const Annotation = {
  /** RFC 3339 time; a change rolls the app's pods. Written by `app restart`. */
  RestartedAt: `${API_GROUP}/restarted-at`,
  /** `true`: give up waiting for an unreachable host and leave a tombstone. Written by `app delete --force`. */
  ForceDelete: `${API_GROUP}/force-delete`,
  /**
   * On RemoteApps: `<uid>/<namespace>/<name>`, the uid under which their host knows them. Restored from a backup they have
   * other uids, and are the same apps.
   */
  HostedAs: `${API_GROUP}/hosted-as`,
  /** On ExecutingApps: when what runs was accepted. The time an app has to become ready counts from it. */
  AcceptedAt: `${API_GROUP}/accepted-at`,
  /** On ExecutingApps: the update that was refused while an earlier one runs, as JSON. */
  RefusedUpdate: `${API_GROUP}/refused-update`,
  /** On Deployments: the generation at the submitter they are made from. */
  Generation: `${API_GROUP}/generation`,
  /** On Deployments: the spec hash they are made from. */
  SpecHash: `${API_GROUP}/spec-hash`,
  /** On pod templates: hash of the files mounted, so that new content replaces the pods. */
  ConfigHash: `${API_GROUP}/config-hash`,
  /** On a peer's namespace: the whole fingerprint, of which its name has the beginning. */
  PeerFingerprint: `${API_GROUP}/peer-fingerprint`,
} as const

/** Namespace at the host that holds everything of one peer: `porpulsion-peer-<first 12 of its fingerprint>`. */
export const PEER_NAMESPACE_PREFIX = 'porpulsion-peer-'
export const shortFingerprint = (fingerprint: string): string => fingerprint.slice(0, 12)
export const peerNamespace = (fingerprint: string): string =>
  PEER_NAMESPACE_PREFIX + shortFingerprint(fingerprint)

/** DNS-1123 label of at most 63 characters. */
export const DnsLabel = Type.String({
  pattern: patterns.dns1123Label,
  minLength: 1,
  maxLength: 63,
  description:
    'Lower-case letters, digits and "-", starting and ending with a letter or digit, at most 63 characters.',
})

/** Names of RemoteApps: at most 52, so that everything made from one (with a hash suffix) fits in 63. */
export const AppName = Type.String({
  pattern: patterns.dns1123Label,
  minLength: 1,
  maxLength: 52,
  description:
    'Lower-case letters, digits and "-", starting and ending with a letter or digit, at most 52 characters.',
})

/** SHA-256 of a CA certificate (DER), lower-case hex. The identity of a peer. */
export const Fingerprint = Type.String({
  pattern: patterns.sha256,
  description: 'SHA-256 of the CA certificate in DER, 64 lower-case hex digits.',
})

/** `ab12 cd34 …`: groups of four, for reading aloud and comparing by eye. */
export const formatFingerprint = (fingerprint: string): string =>
  fingerprint.match(/.{1,4}/g)?.join(' ') ?? fingerprint
