import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { MAX_PIPELINED } from './limits.ts'

/**
 * A client may send its next requests before it has the answers to the first. An app that has them on one connection
 * does them one after the other; on several it would do them in any order, and a DELETE overtake the PUT before it.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, number>()

  /** Begins once the answers before it are through: at once as a rule; never, if the connection ends before. */
  take({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    if (response.socket !== null) {
      begin()
      return
    }
    const count = (this.#waiting.get(socket) ?? 0) + 1
    this.#waiting.set(socket, count)
    if (count > MAX_PIPELINED) socket.destroy()
    response.once('socket', () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1)
      // Node is in the middle of giving it the connection.
      process.nextTick(begin)
    })
  }
}
