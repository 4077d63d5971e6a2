/**
 * A TCP connection to a port of an app at a peer, on the WebSocket of `GET /api/remoteapp/:id/connect`: every message is
 * the next of its bytes (docs/protocol.md, "Connections").
 */
import { Type, type Static } from 'typebox'

/** Offered and chosen as the WebSocket's subprotocol. */
export const connectionSubprotocol = 'porpulsion.tcp.v1'

/** What one message carries at most; longer is a violation. More bytes go in more messages. */
export const maxConnectionMessageBytes = 64 * 1024

/** Ends one direction, as FIN does; the other goes on. No message of bytes is empty. */
export const endOfConnectionBytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/** With which code of RFC 6455 a connection ends. Any other, and none, means that it broke. */
export const ConnectionClose = {
  /** Both directions have ended. From the agent. */
  Ended: 1000,
  /** It was reset, as by RST. The reason is a code of docs/errors.md. */
  Reset: 4000,
} as const

export const ConnectQuery = Type.Object({
  port: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 63,
      description: 'Number or name of a TCP port of the app; its first one if left out.',
    }),
  ),
})
export type ConnectQuery = Static<typeof ConnectQuery>
