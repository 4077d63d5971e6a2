/**
 * Told by a stream of `openTcp` when its session takes no new streams: a certificate was renewed, or an agent stops.
 * Without it a connection that is used again and again would hold the old session until that is ended by force.
 */
export const retireEvent = 'retire'
