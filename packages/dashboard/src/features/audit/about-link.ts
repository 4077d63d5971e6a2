/** Where the thing is shown that an entry is about. */

export type AboutLink =
  | { readonly kind: 'app'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'hosted'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'peer'; readonly name: string }
  /** Of a peer, by the name it has there: as it is listed here. */
  | { readonly kind: 'executing'; readonly name: string }
  | { readonly kind: 'approval'; readonly id: string }
  | { readonly kind: 'access'; readonly tab: 'users' | 'tokens' | 'sessions' }
  | { readonly kind: 'page'; readonly to: '/settings' | '/notifications' | '/peers' }

/** `remoteapp/porpulsion,web:8080`, or of peers `app/web,<uid>`; nothing for what has no page. */
export function aboutLink(about: string): AboutLink | undefined {
  const slash = about.indexOf('/')
  const kind = slash === -1 ? about : about.slice(0, slash)
  const rest = slash === -1 ? '' : about.slice(slash + 1)
  const [, namespace, name] = /^([^,/:]+),([^,/:]+)/.exec(rest) ?? []
  switch (kind) {
    case 'remoteapp':
    case 'executingapp':
      return namespace === undefined || name === undefined
        ? undefined
        : { kind: kind === 'remoteapp' ? 'app' : 'hosted', namespace, name }
    case 'peer':
      return rest === '' ? undefined : { kind: 'peer', name: name ?? rest }
    case 'app':
      return namespace === undefined ? undefined : { kind: 'executing', name: namespace }
    case 'approval':
      return rest === '' ? undefined : { kind: 'approval', id: rest }
    case 'user':
      return { kind: 'access', tab: 'users' }
    case 'token':
      return { kind: 'access', tab: 'tokens' }
    case 'session':
      return { kind: 'access', tab: 'sessions' }
    case 'setting':
      return { kind: 'page', to: '/settings' }
    case 'notification':
      return { kind: 'page', to: '/notifications' }
    case 'invite':
      return { kind: 'page', to: '/peers' }
    default:
      return undefined
  }
}
