/**
 * The channel in Node: a session over a connection, a WebSocket as one, and streams joined with sockets or as a Duplex.
 * Used by the links between agents, and between a command and its agent.
 *
 * Must not know: who is at the other end, what a stream is for, how a connection comes about and who proves what on it.
 */
export { whenConnected } from './connected-stream.ts'
export { onAbort } from './on-abort.ts'
export { readInTurns } from './read-in-turns.ts'
export { serveConnected } from './serve-connected.ts'
export { sessionOver } from './session-over.ts'
export { spliceStream } from './splice-stream.ts'
export { StreamDuplex, type ResetToError } from './stream-duplex.ts'
export {
  maxReceivedMessageBytes,
  messagePieces,
  WebSocketDuplex,
  type WebSocketEnd,
} from './web-socket-duplex.ts'
export { WebSocketFrameReader } from './web-socket-frames.ts'
