import { isIP } from 'node:net'

/** `Example.com.:8000` → `example.com`, `[::1]:8000` → `::1`. `undefined`: not a host. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/?#@\s]+))(?::\d{1,5})?$/.exec(header ?? '')
  const name = match?.[1] ?? match?.[2]
  return name?.toLowerCase().replace(/\.$/, '')
}

/**
 * A page of another site that makes its own name resolve to us (DNS rebinding) arrives with that name. So only names
 * we know are answered; an address cannot be rebound, and probes come with one.
 */
export function isAllowedHost(name: string, allowedHosts: readonly string[]): boolean {
  if (name === 'localhost' || isIP(name) !== 0) return true
  return allowedHosts.some((allowed) =>
    allowed.startsWith('*.')
      ? name.endsWith(allowed.slice(1).toLowerCase())
      : name === allowed.toLowerCase(),
  )
}
