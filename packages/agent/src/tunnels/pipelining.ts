import type { ServerResponse } from 'node:http'

/**
 * Begins once the answers before it are through: at once as a rule; never, if the connection ends before. A client may
 * send its next requests before it has the answers to the first. An app that has them on one connection does them one
 * after the other; on several it would do them in any order, and a DELETE overtake the PUT before it.
 */
export function inTurn(response: ServerResponse, begin: () => void): void {
  if (response.socket !== null) begin()
  // Node is in the middle of giving it the connection.
  else response.once('socket', () => process.nextTick(begin))
}
