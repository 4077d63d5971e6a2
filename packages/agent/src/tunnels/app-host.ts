import { LRUCache } from 'lru-cache'
import type { TunnelApp } from './app-ports.ts'
import { MAX_REMEMBERED_HOSTS } from './limits.ts'

/** Which app, and which of its ports, a host name speaks of. */
export type AppHost = { readonly port: number } & (
  | { readonly kind: 'named'; readonly name: string; readonly namespace: string }
  | { readonly kind: 'by-uid'; readonly uidPrefix: string }
)

/** A name in the DNS is no longer, and a label of it. */
const MAX_NAME_CHARACTERS = 253
const MAX_LABEL_CHARACTERS = 63
const UID_PREFIX_CHARACTERS = 8

/**
 * Reads host names below the domain: `8080--web--default.localhost` → port, name and namespace; `undefined` for every
 * other. What was read lately is remembered: every request asks several times.
 */
export function createAppHosts(proxyDomain: string): (hostName: string) => AppHost | undefined {
  const remembered = new LRUCache<string, AppHost>({ max: MAX_REMEMBERED_HOSTS })
  return (hostName) => {
    const known = remembered.get(hostName)
    if (known !== undefined) return known
    const read = parseAppHost(hostName, proxyDomain)
    if (read !== undefined && hostName.length <= MAX_NAME_CHARACTERS) remembered.set(hostName, read)
    return read
  }
}

/** The host name of an app's own origin. By uid where the readable one is too long, or could be read in two ways. */
export function appHostName(app: TunnelApp, port: number, proxyDomain: string): string {
  const readable = `${port}--${app.name}--${app.namespace}`
  const isPlain = !app.name.includes('--') && !app.namespace.includes('--')
  const label =
    isPlain && readable.length <= MAX_LABEL_CHARACTERS
      ? readable
      : `${port}--${app.uid.slice(0, UID_PREFIX_CHARACTERS)}`
  return `${label}.${proxyDomain}`
}

function parseAppHost(hostName: string, proxyDomain: string): AppHost | undefined {
  const suffix = `.${proxyDomain.toLowerCase()}`
  const lower = hostName.toLowerCase().replace(/\.$/, '')
  if (!lower.endsWith(suffix)) return undefined
  const [port = '', ...rest] = lower.slice(0, -suffix.length).split('--')
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) return undefined
  const [first = '', second = ''] = rest
  if (rest.length === 2 && isLabel(first) && isLabel(second))
    return { kind: 'named', port: Number(port), name: first, namespace: second }
  if (rest.length === 1 && /^[0-9a-f]{8}$/.test(first))
    return { kind: 'by-uid', port: Number(port), uidPrefix: first }
  return undefined
}

const isLabel = (text: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)
