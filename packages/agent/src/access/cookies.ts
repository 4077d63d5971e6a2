/** Cookies as they travel: read, written, and taken out of a header that goes on to somebody else. */

export interface CookieOptions {
  readonly path: string
  readonly secure: boolean
  readonly sameSite: 'Strict' | 'Lax'
  /** 0 erases. Left out: until the browser closes. */
  readonly maxAgeSeconds?: number
}

/** First value of each name. Values are taken as they are: ours need no decoding. */
export function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of pairs(header)) {
    const name = nameOf(pair)
    if (!cookies.has(name)) cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim())
  }
  return cookies
}

/** Always HttpOnly, and never with a Domain: it goes back to the very host that set it, and no script sees it. */
export function serializeCookie(name: string, value: string, options: CookieOptions): string {
  return [
    `${name}=${value}`,
    `Path=${options.path}`,
    ...(options.maxAgeSeconds === undefined ? [] : [`Max-Age=${options.maxAgeSeconds}`]),
    'HttpOnly',
    `SameSite=${options.sameSite}`,
    ...(options.secure ? ['Secure'] : []),
  ].join('; ')
}

/** The header without the cookies `remove` names; what stays keeps its bytes. `undefined` when nothing stays. */
export function removeCookies(
  header: string,
  remove: (name: string) => boolean,
): string | undefined {
  const all = pairs(header)
  const kept = all.filter((pair) => !remove(nameOf(pair)))
  if (kept.length === all.length) return header
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ')
}

const pairs = (header: string | undefined): readonly string[] =>
  header === undefined ? [] : header.split(';').filter((pair) => pair.trim() !== '')

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return (equals === -1 ? '' : pair.slice(0, equals)).trim()
}
