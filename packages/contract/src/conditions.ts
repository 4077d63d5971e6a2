import { Type, type Static } from 'typebox'

export const ConditionStatus = Type.Enum(['True', 'False', 'Unknown'])
export type ConditionStatus = Static<typeof ConditionStatus>

/** A Kubernetes condition. Lists of them are keyed by `type`. */
export const Condition = Type.Object({
  type: Type.String(),
  status: ConditionStatus,
  reason: Type.String({ description: 'One CamelCase word for programs.' }),
  message: Type.String({ description: 'One sentence for people.' }),
  observedGeneration: Type.Optional(Type.Integer()),
  lastTransitionTime: Type.String({
    format: 'date-time',
    description: 'When `status` last changed.',
  }),
})
export type Condition = Static<typeof Condition>

/** Conditions of RemoteApps and ExecutingApps, in the order an app passes them. */
export const AppConditionType = {
  /** The host's rules admit this generation. */
  Accepted: 'Accepted',
  /** Nobody has to approve it, or somebody has. */
  Approved: 'Approved',
  /** The host's objects for this generation exist. */
  Deployed: 'Deployed',
  /** All replicas of this generation are ready. */
  Ready: 'Ready',
  /** The host acknowledged this generation and the link is up: what is shown is current. */
  Synced: 'Synced',
  /** Of apps with `expose: true` alone: their ports have addresses in the submitter's cluster, and connections pass. */
  Exposed: 'Exposed',
} as const
export type AppConditionType = (typeof AppConditionType)[keyof typeof AppConditionType]

/** Reasons of app conditions besides the codes of the owner's rules and what Kubernetes itself says of a pod. */
export const AppReason = {
  Accepted: 'Accepted',
  NotRequired: 'NotRequired',
  Approved: 'Approved',
  Deployed: 'Deployed',
  DeployFailed: 'DeployFailed',
  AllReplicasReady: 'AllReplicasReady',
  ScaledToZero: 'ScaledToZero',
  Starting: 'Starting',
  Updating: 'Updating',
  ReplicasLost: 'ReplicasLost',
  NotReadyInTime: 'NotReadyInTime',
  Synced: 'Synced',
  Submitting: 'Submitting',
  LinkDown: 'LinkDown',
  PeerNotFound: 'PeerNotFound',
  NotConfirmed: 'NotConfirmed',
  AwaitingHost: 'AwaitingHost',
  InvalidSpec: 'InvalidSpec',
  Deleting: 'Deleting',
  Exposed: 'Exposed',
} as const
export type AppReason = (typeof AppReason)[keyof typeof AppReason]

export const PeerConditionType = {
  /** Both operators compared the fingerprints. */
  Confirmed: 'Confirmed',
  /** A session is up and proven. */
  Connected: 'Connected',
  /** Confirmed and connected. */
  Ready: 'Ready',
} as const
export type PeerConditionType = (typeof PeerConditionType)[keyof typeof PeerConditionType]

/**
 * What runs, in one word for people; derived in one function from conditions and counts, never decided upon.
 * The first that fits, in this order.
 */
export const appPhases = [
  'Deleting',
  'Unknown',
  'Rejected',
  'PendingApproval',
  'Failed',
  'Degraded',
  'Ready',
  'Running',
  'Pending',
] as const
export const AppPhase = Type.Enum([...appPhases])
export type AppPhase = (typeof appPhases)[number]
