import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Node's HTTP code declares sockets, and works with every Duplex: it asks before using what only sockets have. */
export function asSocket(stream: Duplex): Socket {
  return stream as unknown as Socket
}
