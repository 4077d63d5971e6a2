/**
 * Who may use this agent: users with their roles, the passwords and one-time links that let them in, sessions, API
 * tokens, and the tickets that open one port of one app.
 *
 * Must not know: how requests arrive (http), what the ports lead to (tunnels), peers.
 */
export {
  createAccess,
  type Access,
  type AccessDeps,
  type AccessOptions,
  type Arrival,
  type Authenticated,
  type Credentials,
  type SignedIn,
} from './access.ts'
export { accessHandlers } from './access-routes.ts'
export { readCookies, removeCookies, serializeCookie, type CookieOptions } from './cookies.ts'
export { carriesOurToken } from './api-tokens.ts'
export { mayCall } from './role-rules.ts'
export { type FirstLogin } from './first-login.ts'
export { isOriginOf } from './same-origin.ts'
export { DEVICE_LIFE_MS } from './devices.ts'
export { SESSION_LIFE_MS } from './sessions.ts'
export { type Ticket, type TicketPurpose, type TicketTarget, type Tickets } from './tickets.ts'
