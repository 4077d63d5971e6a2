import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'

/** Node's HTTP code declares sockets, and works with every Duplex: it asks before using what only sockets have. */
export function asSocket(stream: Duplex): Socket {
  return stream as unknown as Socket
}

/** Lets the other side see that this is no orderly end: a reset, where there is such a thing. */
export function endAbruptly(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy()
  // With a reason a stream of a link is reset; without one it would end, as after the last byte.
  else stream.destroy(brokenOff())
}

const brokenOff = (): PorpulsionError =>
  new PorpulsionError('Aborted', 'RequestAborted', 'The client is gone')
