import { toProblem, type PorpulsionError } from '@porpulsion/contract'
import type { Duplex } from 'node:stream'
import { STATUS_CODES } from 'node:http'
import { problemHeaders } from '../api/index.ts'

/** Answers an upgrade request with an error: there is no response object for it, only the socket. */
export function refuseUpgrade(socket: Duplex, error: PorpulsionError): void {
  const problem = toProblem(error)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    ...Object.entries(problemHeaders(problem)).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  // A client that does not read must not keep the socket.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
