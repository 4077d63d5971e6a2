/** Every bound and wait of the HTTP servers, by name. What happens at each stands where it is used. */

/** A manifest with its config files; Kubernetes itself takes no more than about 1.5 MiB. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024
/** Request and response heads, also those that only pass through to apps. */
export const MAX_HEADER_BYTES = 64 * 1024
/** From connecting to the end of the request head. */
export const HEADERS_TIMEOUT_MS = 15_000
/** From the head to the end of the body of an API request. Bodies to apps may take for ever. */
export const BODY_TIMEOUT_MS = 30_000
/** Longer than the idle times of load balancers: they must be the ones to close, or lose a request now and then. */
export const KEEP_ALIVE_MS = 75_000
/**
 * How long requests, streams and terminals under way may take to end once we stop, on both ports and in links. What is
 * left then is cut. Kubernetes grants half a minute for all of it.
 */
export const STOP_GRACE_MS = 10_000
/** Requests on one connection that wait for the answers to those before them; at the bound it is closed. */
export const MAX_PIPELINED = 64
/** Sockets of port 8000 in all, tunnels and event streams included. */
export const MAX_CONNECTIONS = 10_000

/** A redeem request is a few KiB. */
export const MAX_PEER_BODY_BYTES = 16 * 1024
/** The whole of a request to the peer-facing port. */
export const PEER_REQUEST_TIMEOUT_MS = 10_000
export const PEER_HEADERS_TIMEOUT_MS = 5_000
/** Sockets on the peer-facing port that have not become a session; at the bound the longest waiting one goes. */
export const MAX_UNPROVEN_CONNECTIONS = 1_024

/** Bodies between agents: an inventory of 10 000 apps, a spec with its files. */
export const MAX_PEER_API_BODY_BYTES = 8 * 1024 * 1024
/** Of one peer, all requests under way together; one more is refused with `RateLimited`. */
export const MAX_PEER_BODIES_BYTES = 64 * 1024 * 1024

/** Heads between agents: a path, and headers of our own. A peer may leave two thousand of them unfinished. */
export const MAX_PEER_API_HEADER_BYTES = 16 * 1024
/** Requests on one stream of a peer that are not answered: one, and one that comes while the last answer ends. */
export const MAX_PEER_PIPELINED = 2

/** Event streams open at once. */
export const MAX_EVENT_STREAMS = 256
/** What a browser may be behind; beyond, it is disconnected and resumes or reloads. */
export const MAX_EVENT_BACKLOG_BYTES = 1024 * 1024
/** Silence on an event stream, so that proxies and we notice a dead one. */
export const EVENT_KEEP_ALIVE_MS = 15_000
/** Terminals open at once, of all users. */
export const MAX_TERMINALS = 256
/** … and of one user, all their tokens together. */
export const MAX_TERMINALS_PER_USER = 64
/** Ports of apps that users forward at once (`app port-forward`), each with as many connections as a port may have. */
export const MAX_PORT_FORWARDS = 128
export const MAX_PORT_FORWARDS_PER_USER = 64
/** What the client of a WebSocket may be behind; beyond, the command or the app waits. */
export const MAX_WEB_SOCKET_BACKLOG_BYTES = 256 * 1024
/** Between pings; one unanswered until the next ends the WebSocket. Shorter than the idle times of proxies. */
export const WEB_SOCKET_PING_MS = 20_000
/** How long a WebSocket, or an answer without end, outlives the session, token or role that opened it. */
export const RIGHTS_RECHECK_MS = 1_000
/** What a client that was away can catch up on. */
export const EVENT_RING_SIZE = 1_000
export const EVENT_RING_BYTES = 4 * 1024 * 1024
