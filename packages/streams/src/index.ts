/**
 * The channel's streams as Node has them: joined with a socket, as a Duplex, and a session over whatever carries messages.
 * Used by the links between agents, and between a command and its agent.
 *
 * Must not know: who is at the other end, what a stream is for, TLS and WebSockets.
 */
export { whenConnected } from './connected-stream.ts'
export { onAbort } from './on-abort.ts'
export { serveConnected } from './serve-connected.ts'
export { SessionDuplex, type SessionDuplexOptions } from './session-duplex.ts'
export { spliceStream } from './splice-stream.ts'
export { StreamDuplex, type ResetToError } from './stream-duplex.ts'
