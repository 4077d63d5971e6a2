import type { ErrorKind } from './errors.ts'

/**
 * Every stable code, once: the REST `code`, the condition reason, the event reason and the line in docs/errors.md are
 * the same word. A code that is no longer used moves to `retiredErrorCodes` and is never given a new meaning.
 */
export const errorCodes = {
  // requests
  MalformedRequest: {
    kind: 'Invalid',
    means: 'The body is not JSON or YAML, or has the wrong content type.',
  },
  InvalidRequest: { kind: 'Invalid', means: 'One or more fields are wrong; `errors` names each.' },
  RequestTooLarge: {
    kind: 'LimitExceeded',
    means: 'The body is over the size limit of this endpoint.',
  },
  RateLimited: {
    kind: 'LimitExceeded',
    means: 'Too many requests from this account or address; try again after `retryAfterSeconds`.',
  },
  RouteNotFound: { kind: 'NotFound', means: 'There is no such endpoint.' },
  WebSocketNeeded: {
    kind: 'Invalid',
    means:
      'This endpoint is a WebSocket: send an upgrade that offers the subprotocol the message names.',
  },
  HostNotAllowed: {
    kind: 'Forbidden',
    means:
      'The Host header is not one of this agent (protection against DNS rebinding); add it with --allowed-host.',
  },
  AgentStarting: {
    kind: 'Unavailable',
    means: 'The agent is still starting; the message says what it waits for.',
  },
  AgentStopping: {
    kind: 'Unavailable',
    means: 'The agent is stopping; what is under way may end, nothing new is taken.',
  },
  AgentStillRuns: {
    kind: 'Timeout',
    means: 'The pods of an agent that is being uninstalled do not end.',
  },
  InternalError: {
    kind: 'Internal',
    means: 'A defect of Porpulsion; the log has the details under the request id.',
  },
  RequestAborted: { kind: 'Aborted', means: 'The caller went away before the answer.' },

  // access
  NotSignedIn: {
    kind: 'Unauthenticated',
    means: 'No session and no API token; sign in or pass a token.',
  },
  LoginLinkInvalid: {
    kind: 'Unauthenticated',
    means: 'The login link was used, has expired or is wrong; ask the agent for a new one.',
  },
  PasswordWrong: {
    kind: 'Unauthenticated',
    means:
      'The name or the password is wrong, or the user has no password; a login link works too.',
  },
  CurrentPasswordWrong: { kind: 'Forbidden', means: 'The current password is wrong.' },
  PasswordUnfit: {
    kind: 'Invalid',
    means: 'The new password is too short, too long, or hardly more than the name of the user.',
  },
  SessionNeeded: {
    kind: 'Forbidden',
    means: 'Only somebody who signed in may do this, not an API token.',
  },
  UserNotFound: { kind: 'NotFound', means: 'There is no such user.' },
  UserExists: { kind: 'AlreadyExists', means: 'A user with this name exists.' },
  TooManyUsers: { kind: 'LimitExceeded', means: 'Too many users; delete some.' },
  LastAdmin: {
    kind: 'FailedPrecondition',
    means: 'Nobody else who has ever signed in is admin; make somebody else admin first.',
  },
  SessionNotFound: { kind: 'NotFound', means: 'There is no such session, or it is not yours.' },
  TokenInvalid: { kind: 'Unauthenticated', means: 'The API token is unknown, expired or revoked.' },
  TicketInvalid: {
    kind: 'Unauthenticated',
    means:
      'The tunnel ticket is missing, expired or for another app or port; get a new URL with `porpulsion app url`.',
  },
  TicketNeeded: {
    kind: 'Forbidden',
    means: 'A session alone opens no app; use an API token or a ticket.',
  },
  RoleTooLow: { kind: 'Forbidden', means: 'Your role does not allow this action.' },
  OriginNotAllowed: { kind: 'Forbidden', means: 'The request came from a page of another origin.' },
  TokenNotFound: { kind: 'NotFound', means: 'There is no such API token.' },
  TokenExists: { kind: 'AlreadyExists', means: 'An API token with this name exists.' },
  TooManyTokens: { kind: 'LimitExceeded', means: 'Too many API tokens; revoke some.' },
  TooManyLoginLinks: {
    kind: 'LimitExceeded',
    means: 'Too many open login links; use one, or wait until some expire.',
  },
  RecordUnreadable: {
    kind: 'FailedPrecondition',
    means:
      'A Secret or ConfigMap of the agent holds something it cannot read; the message names it. Restore or delete it.',
  },
  RecordContended: {
    kind: 'Conflict',
    means: 'A Secret or ConfigMap of the agent kept changing while it was written; try again.',
  },

  // identity, invites and peers
  IdentityUnreadable: {
    kind: 'Unavailable',
    means: 'The agent cannot read its identity and waits rather than make a second one.',
  },
  IdentityMissing: {
    kind: 'FailedPrecondition',
    means:
      'The identity is absent while peers exist; restore Secret porpulsion-identity from a backup, or remove the peers.',
  },
  InviteInvalid: {
    kind: 'Forbidden',
    means:
      'The invite is wrong, unknown, revoked or for another agent; create a new one on the other cluster.',
  },
  InviteUsed: {
    kind: 'FailedPrecondition',
    means: 'The invite was already redeemed; create a new one on the other cluster.',
  },
  InviteExpired: {
    kind: 'FailedPrecondition',
    means: 'The invite has expired; create a new one on the other cluster.',
  },
  InviteNotFound: { kind: 'NotFound', means: 'There is no such invite.' },
  BundleInvalid: {
    kind: 'Invalid',
    means: 'The text is not an invite bundle (porp1.…), or was cut when it was copied.',
  },
  TooManyInvites: { kind: 'LimitExceeded', means: 'Too many open invites; revoke some.' },
  SelfPeering: { kind: 'Invalid', means: 'The invite is from this very agent.' },
  PeerExists: {
    kind: 'AlreadyExists',
    means: 'A peer with this name or fingerprint exists; choose another name with --as.',
  },
  PeerNotFound: { kind: 'NotFound', means: 'There is no such peer.' },
  PeerIdentityMismatch: {
    kind: 'Forbidden',
    means:
      'The agent at the address is not the one that made the invite: its CA fingerprint differs.',
  },
  PeerRevoked: {
    kind: 'Forbidden',
    means: 'This peer was removed; it can return only with a new invite.',
  },
  CertificateInvalid: {
    kind: 'Invalid',
    means: 'spec.caCertificate of the Peer is not a CA certificate as an agent makes them.',
  },
  PeerRemovalPending: {
    kind: 'Timeout',
    means: 'The peer has no access any more; clearing up after it goes on in the background.',
  },
  PeerUnreachable: {
    kind: 'Unavailable',
    means: 'The other agent could not be reached at its URL.',
  },
  PeerRefused: { kind: 'FailedPrecondition', means: 'The other agent answered, but refused.' },
  FingerprintMismatch: {
    kind: 'Conflict',
    means: 'The fingerprint given does not match the peer that is to be confirmed.',
  },
  NotConfirmed: {
    kind: 'FailedPrecondition',
    means:
      'Not both operators have confirmed the fingerprints yet; run `porpulsion peer confirm` on both clusters.',
  },
  RenewalInvalid: {
    kind: 'Invalid',
    means:
      'A peer announced a CA that is not proven by its former key and its own, or that belongs to somebody else; nothing was pinned.',
  },
  RenewalOutdated: {
    kind: 'FailedPrecondition',
    means:
      'A peer announced a CA in the name of one that does not count any more, or in an older announcement than the last; nothing was pinned.',
  },
  RenewalUnderWay: {
    kind: 'FailedPrecondition',
    means: 'The identity of this agent is being renewed, or too far with it for that.',
  },
  NoRenewal: {
    kind: 'FailedPrecondition',
    means:
      'The identity of this agent is not being renewed, so there is nothing to cancel or erase.',
  },
  TooManyRenewals: {
    kind: 'LimitExceeded',
    means: 'The peer has renewed its CA as often as can be kept; remove it and add it anew.',
  },
  NoUrl: {
    kind: 'FailedPrecondition',
    means:
      'This agent has no URL that others can reach (PORPULSION_SELF_URL), so it cannot invite; let the other side invite.',
  },
  UnsupportedVersion: {
    kind: 'FailedPrecondition',
    means: 'The two agents share no protocol version; upgrade the older one.',
  },

  // links
  LinkDown: { kind: 'Unavailable', means: 'The link to the peer is down; the agent keeps trying.' },
  PeerTimeout: { kind: 'Timeout', means: 'The peer did not answer in time.' },
  PeerFailed: {
    kind: 'Unavailable',
    means: 'The peer failed for a reason of its own; its log says which.',
  },
  PeerProtocolError: {
    kind: 'ProtocolViolation',
    means: 'The peer sent something the protocol does not allow.',
  },

  // workloads
  AppNotFound: { kind: 'NotFound', means: 'There is no such app.' },
  AppExists: { kind: 'AlreadyExists', means: 'An app with this name exists in this namespace.' },
  AppAmbiguous: {
    kind: 'Conflict',
    means: 'Apps of this name exist in several namespaces; say which with -n.',
  },
  AppChanged: { kind: 'Conflict', means: 'The app changed since it was read; read it again.' },
  RevisionNotFound: {
    kind: 'NotFound',
    means: 'The app has no such revision, or no longer; the last ten are kept.',
  },
  MetricsUnavailable: {
    kind: 'FailedPrecondition',
    means:
      'The cluster that runs the app does not measure what pods use (metrics.k8s.io), or its agent is too old to say.',
  },
  AppDeleting: { kind: 'FailedPrecondition', means: 'The app is being deleted.' },
  AppNotReady: { kind: 'Unavailable', means: 'No pod of the app is ready to take the connection.' },
  AppNotDeployed: { kind: 'FailedPrecondition', means: 'The app does not run at the peer (yet).' },
  AppUnknownHere: {
    kind: 'Unavailable',
    means: 'The record of this app is not loaded yet; ask again.',
  },
  AppGone: { kind: 'NotFound', means: 'The app was deleted at its submitter.' },
  PortNotFound: { kind: 'NotFound', means: 'The app has no such port.' },
  PodNotFound: { kind: 'NotFound', means: 'The app has no such pod.' },
  ContainerNotFound: { kind: 'NotFound', means: 'The pod has no such container.' },
  ExecFailed: {
    kind: 'FailedPrecondition',
    means:
      'The command could not be started in the container, a word of it may be misspelt or not in the image; the message has the words of Kubernetes.',
  },
  ExecLost: {
    kind: 'Unavailable',
    means:
      'The connection to a running command broke, so how it ended is not known; see with `porpulsion app get` whether its pod still runs.',
  },
  StdinEndUnsupported: {
    kind: 'FailedPrecondition',
    means:
      'The API server of the host cannot tell a command that its input ended (Kubernetes before 1.30); run it without -i, or let it know by itself when to stop reading.',
  },
  PortUnreachable: {
    kind: 'Unavailable',
    means: 'The pod did not accept the connection on this port.',
  },
  TooManyDeletions: {
    kind: 'FailedPrecondition',
    means: 'The peer would delete many apps at once; the operator must say yes.',
  },
  AppAnswerInvalid: {
    kind: 'ProtocolViolation',
    means: 'The app closed the connection before it answered, or its answer is not HTTP.',
  },
  NoExposedPort: {
    kind: 'LimitExceeded',
    means:
      'The agent has no port left to listen on for an exposed port of an app (PORPULSION_EXPOSE_PORTS).',
  },
  TooManyStreams: { kind: 'LimitExceeded', means: 'Too many open streams for this peer or app.' },
  ClusterUnavailable: {
    kind: 'Unavailable',
    means: 'The API server of the local cluster is out of reach.',
  },
  ClusterRefused: {
    kind: 'FailedPrecondition',
    means: 'The local Kubernetes refused the object; its words are in the message.',
  },

  // the owner's rules: each is also the reason of a condition
  InboundOff: {
    kind: 'Forbidden',
    means: 'The host takes no apps from peers (inbound.enabled: false).',
  },
  PeerNotAllowed: {
    kind: 'Forbidden',
    means: 'The host takes no apps from this peer (inbound.allowPeers, inbound.denyPeers).',
  },
  ImageBlocked: {
    kind: 'Forbidden',
    means: 'The image is on the block list of the host (images.block).',
  },
  ImageNotAllowed: {
    kind: 'Forbidden',
    means: 'The image is not on the allow list of the host (images.allow).',
  },
  DigestRequired: {
    kind: 'Forbidden',
    means: 'The host runs only images named by digest (images.requireDigest).',
  },
  ApprovalPending: {
    kind: 'Forbidden',
    means: 'Somebody at the host has to approve it first (approval.required).',
  },
  ApprovalRejected: {
    kind: 'Forbidden',
    means: 'Somebody at the host has rejected it; their note is in the message.',
  },
  TooManyApprovals: {
    kind: 'LimitExceeded',
    means: 'Too much of this peer waits for approval at the host already.',
  },
  RequestsMissing: {
    kind: 'Forbidden',
    means: 'A container does not say what it needs (resources.requireRequests).',
  },
  LimitsMissing: {
    kind: 'Forbidden',
    means: 'A container does not say how much it uses at most (resources.requireLimits).',
  },
  TotalExceeded: {
    kind: 'Forbidden',
    means:
      'With this app, those of the peer, or of all peers, would be over a total of the host (totals).',
  },
  SecurityLevel: {
    kind: 'Forbidden',
    means: 'The securityContext asks for more than the host allows (pods.securityLevel).',
  },
  TooManyReplicas: {
    kind: 'Forbidden',
    means: 'More replicas than the host allows for one app (resources.maxReplicasPerApp).',
  },
  PodTooLarge: {
    kind: 'Forbidden',
    means: 'A pod asks for more CPU or memory than the host allows (resources.maxPerPod).',
  },
  NamespaceMissing: {
    kind: 'FailedPrecondition',
    means:
      'The owner of the host makes the namespaces of peers (hosting.namespaces: precreated), and has not made this one.',
  },
  StorageOff: {
    kind: 'Forbidden',
    means: 'The host gives apps of peers no storage (storage.enabled).',
  },
  ClaimTooLarge: {
    kind: 'Forbidden',
    means: 'A claim asks for more storage than the host allows for one (storage.maxPerClaim).',
  },
  ImageInvalid: { kind: 'Invalid', means: 'The image reference cannot be parsed.' },
  TunnelsOff: {
    kind: 'Forbidden',
    means: 'The host allows no tunnels for this peer (tunnels.mode, tunnels.allowPeers).',
  },
  ExecOff: {
    kind: 'Forbidden',
    means:
      'The host lets this peer run no commands in its apps (exec.enabled: false); its owner can switch it on.',
  },
  ApprovalNotFound: {
    kind: 'NotFound',
    means:
      'Nothing waits for approval under this id; what waited may have changed or been withdrawn.',
  },

  // settings and notifications
  SettingsInvalid: {
    kind: 'Invalid',
    means: 'The settings document is invalid; the last valid one stays in force.',
  },
  SettingUnknown: { kind: 'Invalid', means: 'There is no such setting.' },
  NotificationNotFound: { kind: 'NotFound', means: 'There is no such notification.' },

  // the command line
  AppRefused: {
    kind: 'FailedPrecondition',
    means: 'A dry run: the peer would refuse the app, for the reasons shown.',
  },
  NotATerminal: {
    kind: 'Invalid',
    means: '-t needs a terminal on stdin, and there is none; leave -t out.',
  },
  LocalPortUnavailable: {
    kind: 'FailedPrecondition',
    means: 'This machine does not let the command listen on a local port; the message says why.',
  },
  UsageError: { kind: 'Invalid', means: 'An argument or flag is missing or wrong.' },
  ManifestInvalid: {
    kind: 'Invalid',
    means: 'The file or stdin is not YAML or JSON of the expected kind.',
  },
  ConfigInvalid: {
    kind: 'Invalid',
    means: 'The file with the contexts cannot be read (PORPULSION_CONFIG).',
  },
  NoContext: {
    kind: 'FailedPrecondition',
    means: 'No agent is chosen; sign in with `porpulsion login URL`.',
  },
  ContextNotFound: {
    kind: 'NotFound',
    means: 'There is no such context; `porpulsion context list` shows them.',
  },
  AgentUnreachable: {
    kind: 'Unavailable',
    means: 'Nothing answers at the address of the context.',
  },
  NotAnAgent: {
    kind: 'Unavailable',
    means: 'What answers at the address of the context is not an agent.',
  },
  AgentTimeout: { kind: 'Timeout', means: 'The agent did not answer in time.' },
  WaitTimedOut: {
    kind: 'Timeout',
    means: 'What `--wait` waited for did not come about in time; it may still.',
  },
  NotReadyInTime: {
    kind: 'Timeout',
    means: 'The app was not ready within its `readyTimeoutSeconds`; its message says why.',
  },
  DemoNotFound: { kind: 'NotFound', means: 'There is no demo in this directory.' },
  DemoNotReady: { kind: 'Timeout', means: 'The demo did not come up in time; its logs say why.' },
  DemoFailed: { kind: 'FailedPrecondition', means: 'The demo could not do what was asked.' },
} as const satisfies Record<string, { readonly kind: ErrorKind; readonly means: string }>

export type ErrorCode = keyof typeof errorCodes

/** Words that had a meaning once. Reserved for ever. */
export const retiredErrorCodes: readonly string[] = []
