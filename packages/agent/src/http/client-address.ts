import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Who is at the other end, seen through proxies we were told to trust, and only those. */
export interface ClientAddress {
  of(request: IncomingMessage): string
  /** Whether the browser speaks https, to us or to a trusted proxy. */
  isSecure(request: IncomingMessage): boolean
  /** The address the caller has for us: `http://localhost:8000`. Its host is theirs to choose; check it first. */
  origin(request: IncomingMessage): string
}

/** `trustedProxies`: addresses or CIDRs. Throws on anything else: a typo here must not open or close a door. */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = blockList(trustedProxies)
  const isTrusted = (address: string): boolean => {
    // Asked for every request, and most agents trust nobody.
    if (trustedProxies.length === 0) return false
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
  const peerOf = ({ socket }: IncomingMessage): string => plain(socket.remoteAddress ?? '')

  function isSecure(request: IncomingMessage): boolean {
    if ('encrypted' in request.socket) return true
    return (
      isTrusted(peerOf(request)) && listed(request.headers['x-forwarded-proto']).at(-1) === 'https'
    )
  }

  return {
    of(request) {
      const peer = peerOf(request)
      if (!isTrusted(peer)) return peer
      // Each hop appends whom it saw: from the right, the first one not ours is as far as we can believe.
      const hops = [...listed(request.headers['x-forwarded-for']).map(plain), peer]
      while (hops.length > 1 && isTrusted(hops.at(-1) ?? '')) {
        if (isIP(hops.at(-2) ?? '') === 0) break
        hops.pop()
      }
      return hops.at(-1) ?? ''
    },
    isSecure,
    origin: (request) =>
      `${isSecure(request) ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`,
  }
}

/** One customer has a whole /64 of IPv6: counting single addresses would count nothing. */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':')
  const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const all = address.includes('::')
    ? [...groups, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...tail.split(':')]
    : groups
  return all
    .slice(0, 4)
    .map((group) => (group === '' ? '0' : group))
    .join(':')
}

/** IPv4 as a dual-stack socket shows it. */
const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, '')

const listed = (header: string | string[] | undefined): readonly string[] =>
  [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address)
    if (family === 0) throw notAnAddress(entry)
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, type)
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32))
      list.addSubnet(address, Number(prefix), type)
    else throw notAnAddress(entry)
  }
  return list
}

const notAnAddress = (entry: string): TypeError =>
  new TypeError(`Trusted proxy "${entry}" is neither an address nor a CIDR`)
