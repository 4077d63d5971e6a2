/** `/api/remoteapp/<id>/proxy/<port>/<path>`, read without decoding what is the app's. */
export interface ProxyPath {
  readonly id: string
  /** Number or name. */
  readonly port: string
  /** Up to the port, as sent: what the app's own paths are below. */
  readonly prefix: string
  /** The rest as sent, with the query; starts with a slash. */
  readonly rest: string
}

const pattern = /^(\/api\/remoteapp\/([^/?#]+)\/proxy\/([^/?#]+))([/?].*)?$/

export function parseProxyPath(url: string): ProxyPath | undefined {
  const [, prefix, id, port, rest = ''] = pattern.exec(url) ?? []
  if (prefix === undefined || id === undefined || port === undefined) return undefined
  try {
    return {
      id: decodeURIComponent(id),
      port: decodeURIComponent(port),
      prefix,
      rest: rest.startsWith('/') ? rest : `/${rest}`,
    }
  } catch {
    return undefined // a "%" that encodes nothing
  }
}

/** Name of the query parameter and, with `x-` before it, of the header that carry a ticket. */
export const TICKET_PARAMETER = 'porpulsion-ticket'

/** The first ticket in a URL's query, and the URL without any; everything else keeps its bytes. */
export function takeTicket(url: string): { readonly ticket?: string; readonly url: string } {
  if (!url.includes(`${TICKET_PARAMETER}=`)) return { url }
  const question = url.indexOf('?')
  if (question === -1) return { url }
  const pairs = url.slice(question + 1).split('&')
  const isTicket = (pair: string): boolean => pair.startsWith(`${TICKET_PARAMETER}=`)
  const ticket = pairs.find(isTicket)?.slice(TICKET_PARAMETER.length + 1)
  if (ticket === undefined) return { url }
  const query = pairs.filter((pair) => !isTicket(pair)).join('&')
  return { ticket, url: url.slice(0, question) + (query === '' ? '' : `?${query}`) }
}

export function withTicket(url: string, ticket: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${TICKET_PARAMETER}=${ticket}`
}
