/**
 * TCP connections to a port of an app at a peer, many over the one WebSocket of `GET /api/remoteapp/:id/connect`: it
 * carries a session of the channel, in which each connection is a stream (docs/protocol.md, "Connections").
 */
import { Type, type Static } from 'typebox'

/** Offered and chosen as the WebSocket's subprotocol. */
export const connectionSubprotocol = 'porpulsion.streams.v1'

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
