import type { AnswerHead } from './pass-answer.ts'
import { hopByHopRule, mapHeaders } from './raw-headers.ts'

/** Where the answer is shown. */
export type AnswerPlace =
  /** The app's own origin: what it says there is its business. */
  | { readonly kind: 'own-origin' }
  /** Below a path of our origin, which the app shares with us. */
  | { readonly kind: 'below-path'; readonly prefix: string; readonly forBrowsers: boolean }

/** Said for a whole origin, and this one is not the app's. */
const aboutTheOrigin = new Set([
  'clear-site-data',
  'service-worker-allowed',
  'strict-transport-security',
  'nel',
  'report-to',
  'reporting-endpoints',
])

/** The headers of an app's answer as they go on, cookies kept to where they belong. */
export function appResponseHeaders(
  { headers, rawHeaders, statusCode = 200 }: AnswerHead,
  place: AnswerPlace,
  isOurCookie: (name: string) => boolean,
): string[] {
  const endsHere = hopByHopRule(headers.connection)
  const isShared = place.kind === 'below-path'
  const passed = mapHeaders(rawHeaders, (name, value) => {
    if (statusCode === 101 && (name === 'connection' || name === 'upgrade')) return value
    if (endsHere(name) || (isShared && aboutTheOrigin.has(name))) return undefined
    return name === 'set-cookie' ? confinedCookie(value, place, isOurCookie) : value
  })
  // Programs do not care. A browser that is brought to show this must not run it in our name.
  if (isShared && !place.forBrowsers && statusCode >= 200)
    passed.push('Content-Security-Policy', 'sandbox')
  return passed
}

/**
 * Without its Domain a cookie goes back to this very host; with it, to every app beside it. One with the name of ours
 * would take the place of ours.
 */
function confinedCookie(
  cookie: string,
  place: AnswerPlace,
  isOurCookie: (name: string) => boolean,
): string | undefined {
  const [pair = '', ...attributes] = cookie.split(';')
  if (isOurCookie((pair.split('=', 1)[0] ?? '').trim())) return undefined
  const isDomain = (attribute: string): boolean => /^\s*domain\s*(=|$)/i.test(attribute)
  const kept = attributes.filter((attribute) => !isDomain(attribute))
  if (place.kind === 'own-origin')
    return kept.length === attributes.length ? cookie : [pair, ...kept].join(';')
  const isPath = (attribute: string): boolean => /^\s*path\s*(=|$)/i.test(attribute)
  const path = kept.findLast(isPath)?.split('=')[1]?.trim() ?? '/'
  const below = `${place.prefix}${path.startsWith('/') ? path : '/'}`
  return [pair, ...kept.filter((attribute) => !isPath(attribute)), ` Path=${below}`].join(';')
}
