/** Who may go through to an app. Pure: what was found out goes in, what is to happen comes out. */
import type { IncomingHttpHeaders } from 'node:http'
import { PorpulsionError } from '@porpulsion/contract'
import { isOriginOf } from '../access/index.ts'

/** A request to an app, with everything already looked up. */
export interface Knock {
  readonly method: string
  readonly isUpgrade: boolean
  readonly headers: IncomingHttpHeaders
  /** The ticket it brings opens this port of this app. */
  readonly hasTicket: boolean
  /** The ticket was in the query: of what a browser shows and keeps in its history. */
  readonly ticketInQuery: boolean
  /** It has the cookie of this origin (or path) for this port of this app. */
  readonly hasTicketCookie: boolean
}

export type Door =
  | { readonly kind: 'open' }
  /** To the same place without the ticket, which became a cookie. */
  | { readonly kind: 'swap-ticket' }
  /** To the app's own origin, with a ticket. */
  | { readonly kind: 'to-own-origin' }
  /** To the same place with a ticket. */
  | { readonly kind: 'give-ticket' }
  | { readonly kind: 'closed'; readonly error: PorpulsionError }

/** A person in a browser goes somewhere, as opposed to a page or a program that fetches something. */
export function isNavigation(headers: IncomingHttpHeaders): boolean {
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate'
  return (headers.accept ?? '').includes('text/html')
}

/** The app's own origin: a ticket opens it, and then its cookie. */
export function ownOriginDoor(knock: Knock): Door {
  if (knock.hasTicket) return knock.ticketInQuery && mayRedirect(knock) ? swap : open
  if (!knock.hasTicketCookie) return closed(ticketInvalid())
  if (isFromAnotherPage(knock)) return closed(originNotAllowed())
  // A bookmarked URL with a ticket of last week: it still must not stay in the address bar.
  return knock.ticketInQuery && mayRedirect(knock) ? swap : open
}

/** What the caller of our own origin proved besides tickets. */
export interface PathCaller {
  /** An API token whose role may use apps. */
  readonly hasToken: boolean
  /** Signed in, with a role that may use apps. */
  readonly hasSession: boolean
  /** The owner lets browsers use path mode (`tunnels.pathModeForBrowsers`). */
  readonly forBrowsers: boolean
}

/** Below a path of our own origin: for programs. What browsers show there would run in our name. */
export function pathDoor(knock: Knock, { hasToken, hasSession, forBrowsers }: PathCaller): Door {
  const navigates = isNavigation(knock.headers) && mayRedirect(knock)
  if (hasToken) return open
  if (knock.hasTicket && !navigates) return open
  if (forBrowsers) {
    if (knock.hasTicket) return swap
    if (knock.hasTicketCookie) return isFromAnotherPage(knock) ? closed(originNotAllowed()) : open
    if (hasSession && navigates) return { kind: 'give-ticket' }
  } else if (navigates && (knock.hasTicket || hasSession)) return { kind: 'to-own-origin' }
  return closed(hasSession ? ticketNeeded() : ticketInvalid())
}

const open: Door = { kind: 'open' }
const swap: Door = { kind: 'swap-ticket' }
const closed = (error: PorpulsionError): Door => ({ kind: 'closed', error })

/** Other requests would lose their body, or are not followed. */
const mayRedirect = ({ method, isUpgrade, headers }: Knock): boolean =>
  !isUpgrade && (method === 'GET' || method === 'HEAD') && isNavigation(headers)

/**
 * Cookies are sent by the browser, whoever makes it ask. Apps of one domain count as one site to it, so that a page of
 * one app could use another in its visitor's name.
 */
function isFromAnotherPage({ headers }: Knock): boolean {
  const { origin, host = '' } = headers
  if (origin !== undefined && !isOriginOf(origin, host)) return true
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const opensPage =
    headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return !opensPage
}

const ticketInvalid = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'TicketInvalid',
    'This address needs a ticket, and the one given is missing, expired or for another app or port; get a new URL with `porpulsion app url`, or open the app from the dashboard',
  )

const ticketNeeded = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'TicketNeeded',
    'Being signed in does not open an app here, because any page could ask for it in your name; use an API token or a ticket (`porpulsion app url`)',
  )

const originNotAllowed = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'OriginNotAllowed',
    'This request came from a page of another origin, which may not use this app in your name',
  )
