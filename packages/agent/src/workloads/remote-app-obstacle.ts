/** Why an app cannot be brought to its host at present, each with what to do about it. */
import {
  Annotation,
  AppName,
  AppReason,
  schemaErrors,
  type FieldError,
  type RemoteApp,
} from '@porpulsion/contract'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import { appSpecErrors } from './app-spec-errors.ts'
import type { LinkNow } from './link-watch.ts'
import type { Obstacle } from './submission-record.ts'
import { listed } from './submission-rules.ts'

export interface ObstacleInput {
  readonly app: RemoteApp
  /** Why its spec cannot be sent as it is. */
  readonly problems: readonly FieldError[]
  /** The peer its spec names, if there is one in force. */
  readonly peer: KnownPeer | undefined
  readonly knownPeers: readonly string[]
  readonly link: LinkNow
  readonly view: LinkView | undefined
}

/** The first that stands in the way: what only the user can mend comes before what time mends. */
export function obstacleOf(input: ObstacleInput): Obstacle | undefined {
  return (
    invalidSpec(input) ??
    peerNotFound(input) ??
    anotherPeer(input) ??
    notConfirmed(input) ??
    linkDown(input)
  )
}

function invalidSpec({ app, problems }: ObstacleInput): Obstacle | undefined {
  const errors = [
    // `kubectl apply` takes longer names, and with dots.
    ...schemaErrors(AppName, app.metadata.name, 'metadata.name'),
    ...appSpecErrors(app.spec),
    ...problems,
  ]
  return errors.length === 0
    ? undefined
    : { reason: AppReason.InvalidSpec, message: listed(errors) }
}

function peerNotFound({ app, peer, knownPeers }: ObstacleInput): Obstacle | undefined {
  if (peer !== undefined) return undefined
  return { reason: AppReason.PeerNotFound, message: unknownPeer(app.spec.targetPeer, knownPeers) }
}

export function unknownPeer(name: string, knownPeers: readonly string[]): string {
  const known =
    knownPeers.length === 0
      ? 'this agent has no peers; create an invite on one cluster and add it on the other'
      : `known peers: ${knownPeers.join(', ')}`
  return `There is no peer "${name}" (${known})`
}

/**
 * The name was another cluster's when the app, with its secrets, was first sent. Whoever has the name now gets it only
 * when somebody says so anew.
 */
function anotherPeer({ app, peer }: ObstacleInput): Obstacle | undefined {
  const pinned = app.metadata.annotations?.[Annotation.PeerFingerprint]
  if (pinned === undefined || pinned === peer?.fingerprint) return undefined
  return {
    reason: AppReason.PeerNotFound,
    message: `This app was sent to another cluster that was called "${app.spec.targetPeer}"; delete it and create it anew to run it on the present one`,
  }
}

function notConfirmed({ peer, view }: ObstacleInput): Obstacle | undefined {
  if (peer === undefined) return undefined
  const ours = !peer.confirmed
  if (!ours && view?.confirmedByPeer !== false) return undefined
  const where = ours ? 'here' : 'at the other cluster'
  return {
    reason: AppReason.NotConfirmed,
    message: `Peer "${peer.name}" is not confirmed ${where}: compare the six words, then run \`porpulsion peer confirm\` ${where}`,
  }
}

function linkDown({ app, link, view }: ObstacleInput): Obstacle | undefined {
  if (link.kind === 'up') return undefined
  const why = view?.message === undefined ? '' : `: ${view.message}`
  return {
    reason: AppReason.LinkDown,
    message: `The link to peer "${app.spec.targetPeer}" is down since ${since(link.sinceMs)}${why}`,
  }
}

/** In whole seconds: the sentence must not change while nothing does. */
export const since = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
