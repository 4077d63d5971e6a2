import type { ErrorCode, ErrorKind } from '@porpulsion/contract'
import type { PeerRules } from './peer-rules.ts'

/** What a peer may ask to do with an app that runs here. */
export type PeerVerb = 'delete' | 'read-logs' | 'read-metrics' | 'open-tunnel' | 'exec'

/** What our own records say of an app. Never what a peer says of it. */
export interface AppRecord {
  /** At the submitter. */
  readonly name: string
  readonly namespace: string
  readonly peerFingerprint: string
  readonly ports: readonly { readonly port: number; readonly protocol: string }[]
}

/** What an app is asked for. */
export interface AppTarget {
  readonly port?: number
  /** What somebody here said to a tunnel to this port; undefined when nobody was asked, or it is too long ago. */
  readonly approval?: 'Pending' | 'Approved' | 'Rejected'
}

export type Access =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly kind: ErrorKind
      readonly code: ErrorCode
      readonly message: string
    }

/**
 * The one answer to every request of a peer about one app. `app` is the record found under what the peer named; the
 * proven fingerprint of the caller decides whether it is theirs.
 */
export function authorize(
  peer: { readonly fingerprint: string },
  verb: PeerVerb,
  app: AppRecord | undefined,
  target: AppTarget,
  rules: PeerRules,
): Access {
  // The same answer for "not there" and "not yours": a peer cannot find out what others run here.
  if (app?.peerFingerprint !== peer.fingerprint)
    return refuse('NotFound', 'AppNotFound', 'This cluster runs no such app for you')
  switch (verb) {
    case 'delete':
    case 'read-logs':
    case 'read-metrics':
      return { allowed: true }
    case 'open-tunnel':
      return mayTunnel(app, target, rules)
    case 'exec':
      return mayExec(rules)
    default:
      return verb satisfies never
  }
}

function mayTunnel(app: AppRecord, { port, approval }: AppTarget, rules: PeerRules): Access {
  if (rules.tunnels.notListed)
    return refuse(
      'Forbidden',
      'TunnelsOff',
      'This cluster allows tunnels for listed peers only, and you are not listed (tunnels.allowPeers)',
    )
  if (rules.tunnels.mode === 'off')
    return refuse(
      'Forbidden',
      'TunnelsOff',
      'This cluster allows no tunnels to your apps (tunnels.mode: off)',
    )
  if (!app.ports.some((known) => known.port === port && known.protocol === 'TCP'))
    return refuse('NotFound', 'PortNotFound', noSuchPort(app, port))
  if (rules.tunnels.mode === 'allow' || approval === 'Approved') return { allowed: true }
  if (approval === 'Rejected')
    return refuse(
      'Forbidden',
      'ApprovalRejected',
      `The owner of this cluster rejected tunnels to port ${port} of this app`,
    )
  return refuse(
    'Forbidden',
    'ApprovalPending',
    `The owner of this cluster approves tunnels one by one (tunnels.mode: approval); port ${port} of this app waits for that`,
  )
}

function mayExec({ exec }: PeerRules): Access {
  if (exec.enabled) return { allowed: true }
  return refuse(
    'Forbidden',
    'ExecOff',
    'This cluster lets you run no commands in your apps (exec.enabled: false); ask its owner to switch it on for you',
  )
}

function noSuchPort(app: AppRecord, port: number | undefined): string {
  const ports = app.ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port)
  const known = ports.length === 0 ? 'it lists none in spec.ports' : `it has ${ports.join(', ')}`
  return `The app has no TCP port ${port ?? ''}: ${known}`
}

function refuse(kind: ErrorKind, code: ErrorCode, message: string): Access {
  return { allowed: false, kind, code, message }
}
