/** Every bound and wait of tunnels, by name. What happens at each stands where it is used. */

/** Connections to one port of one app at once, idle ones included. */
export const MAX_CONNECTIONS_PER_PORT = 512
/** Kept open for the next request. */
export const MAX_IDLE_PER_PORT = 256
/**
 * Shorter than the 5 s after which common servers close an idle connection: a request must not meet that close on the
 * way.
 */
export const IDLE_CONNECTION_MS = 4_000
/** Given up this long before the time an app itself names: what it sends on the way must not meet its close. */
export const IDLE_MARGIN_MS = 1_000
/** A connection used this recently is safe for requests that must not be repeated. */
export const RECENTLY_USED_MS = 1_000
/** How long we remember that an app closes idle connections sooner. */
export const IDLE_LESSON_MS = 60_000
/** Host names of apps, the last ones used, read and kept for the next request. */
export const MAX_REMEMBERED_HOSTS = 256
/** Until the connection at the host stands. */
export const CONNECT_TIMEOUT_MS = 15_000
/** Heads in both directions; the servers on both sides take as much. */
export const MAX_HEADER_BYTES = 64 * 1024
/** Of one port that a user forwards: received and not taken by the link, or not taken by the user, all connections together. */
export const MAX_FORWARD_UNREAD_BYTES = 8 * 1024 * 1024
/** How long what is open outlives the session or token in whose name it is. */
export const RIGHTS_RECHECK_MS = 1_000
/** Host: open streams of one peer. */
export const MAX_STREAMS_PER_PEER = 2_048
/** Host: tunnels kept for approval or approved; at the bound the oldest goes. */
export const MAX_TUNNEL_APPROVALS = 500
/** Of one peer, waiting. Nobody reads more. */
export const MAX_TUNNELS_ASKED_PER_PEER = 20
