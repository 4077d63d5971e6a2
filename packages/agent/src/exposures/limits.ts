/** Every bound and wait of exposed ports, by name. What happens at each stands where it is used. */

/**
 * Where the agent listens for local Services, one port for each exposed port of an app: outside of what systems hand out
 * by themselves (from 32768) and of node ports (from 30000). Ports beyond are refused with `NoExposedPort`.
 */
export const DEFAULT_LISTENER_PORTS = { first: 20_000, last: 20_255 } as const
/** Connections to all exposed ports of one app at once, those being opened included. */
export const MAX_CONNECTIONS_PER_APP = 512
/** Events, notifications and status of one app's refused connections: whoever connects decides how often that happens. */
export const REFUSAL_INTERVAL_MS = 10_000
/** A port that was not free may be later. */
export const RETRY_LISTEN_MS = 60_000
/** A client that vanished without a word is noticed; one that is idle for days is not. */
export const KEEP_ALIVE_MS = 60_000
