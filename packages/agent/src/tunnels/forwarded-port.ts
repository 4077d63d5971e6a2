import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { serveConnected, sessionOver } from '@porpulsion/streams'
import type { ServeSession } from '../api/index.ts'
import { MAX_FORWARD_UNREAD_BYTES } from './limits.ts'

/**
 * The agent's end of a session with a user's command: each stream the command opens is a connection that `open` makes, and
 * each that fails is a stream that is reset with the reason. The session has no end of its own: it goes with the command.
 */
export function forwardedPort(
  agentVersion: string,
  open: (signal: AbortSignal) => Promise<Duplex>,
): ServeSession {
  return (connection) => {
    sessionOver(connection, {
      role: 'acceptor',
      hello: { bootId: randomBytes(16).toString('hex'), confirmed: true, agentVersion },
      limits: {
        maxUnreadBytes: MAX_FORWARD_UNREAD_BYTES,
        maxUnsentBytes: MAX_FORWARD_UNREAD_BYTES,
      },
      onStream: (stream) => void serveConnected(stream, open),
      // Everything there is to tell of it is told to its streams.
      onEvent: () => undefined,
    })
  }
}
