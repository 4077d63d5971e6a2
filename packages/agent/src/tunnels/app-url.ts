import { appHostName } from './app-host.ts'
import type { TunnelApp } from './app-ports.ts'

/** Where the apps' own origins are. */
export interface AppsAddress {
  /** App origins are names below it. */
  readonly domain: string
  /** Where they are reached; undefined where that is as we ourselves are: `*.localhost`. */
  readonly reached: { readonly protocol: string; readonly port: string } | undefined
}

/** `localhost`, `apps.example.com` (with https then), or with its own scheme: `http://apps.example.com:8080`. */
export function parseAppsAddress(text: string): AppsAddress {
  const written = /^(https?:)\/\/([^:/]+)(?::(\d+))?$/.exec(text)
  if (written !== null) {
    const [, protocol = '', domain = '', port = ''] = written
    return { domain, reached: { protocol, port } }
  }
  const isLocal = text === 'localhost' || text.endsWith('.localhost')
  return { domain: text, reached: isLocal ? undefined : { protocol: 'https:', port: '' } }
}

/** An app's own origin. `caller` is the address somebody has for us. */
export function appOrigin(
  app: TunnelApp,
  port: number,
  { domain, reached }: AppsAddress,
  caller: string,
): string {
  const { protocol, port: ours } = reached ?? new URL(caller)
  return `${protocol}//${appHostName(app, port, domain)}${ours === '' ? '' : `:${ours}`}`
}

/** A path as somebody typed it: from the root, without a fragment, and safe to stand in a URL. */
export function urlPath(path: string | undefined): string {
  const [typed = ''] = (path ?? '/').split('#')
  const rooted = typed.startsWith('/') ? typed : `/${typed}`
  return /^[\x21-\x7e]*$/.test(rooted) ? rooted : encodeURI(rooted)
}
