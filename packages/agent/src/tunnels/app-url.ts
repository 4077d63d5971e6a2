import { appHostName } from './app-host.ts'
import type { TunnelApp } from './app-ports.ts'

/** An app's own origin, beside the address somebody uses for us: same scheme, same port. */
export function appOrigin(app: TunnelApp, port: number, proxyDomain: string, ours: URL): string {
  const suffix = ours.port === '' ? '' : `:${ours.port}`
  return `${ours.protocol}//${appHostName(app, port, proxyDomain)}${suffix}`
}

/** A path as somebody typed it: from the root, without a fragment, and safe to stand in a URL. */
export function urlPath(path: string | undefined): string {
  const [typed = ''] = (path ?? '/').split('#')
  const rooted = typed.startsWith('/') ? typed : `/${typed}`
  return /^[\x21-\x7e]*$/.test(rooted) ? rooted : encodeURI(rooted)
}
