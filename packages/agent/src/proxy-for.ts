import type { Environment } from './config.ts'

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case, as curl reads them. */
export function proxyFor(environment: Environment): (url: URL) => string | undefined {
  const read = (name: string): string | undefined => {
    const value = environment[name] ?? environment[name.toLowerCase()]
    return value === '' ? undefined : value
  }
  const exempt = (read('NO_PROXY') ?? '')
    .split(',')
    .map((entry) => entry.trim().replace(/^\*?\./, ''))
  return ({ protocol, hostname }) => {
    if (isLoopback(hostname)) return undefined
    const isExempt = exempt.some(
      (entry) =>
        entry === '*' || (entry !== '' && (hostname === entry || hostname.endsWith(`.${entry}`))),
    )
    if (isExempt) return undefined
    const secure = protocol === 'https:' || protocol === 'wss:'
    return secure ? read('HTTPS_PROXY') : read('HTTP_PROXY')
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname.startsWith('127.') ||
  hostname === '[::1]'
