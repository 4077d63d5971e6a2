import type { IncomingMessage, ServerResponse } from 'node:http'
import { PorpulsionError, toProblem } from '@porpulsion/contract'
import { problemHeaders } from '../api/index.ts'

/** What the agent still waits for; readiness shows it word for word. */
export type WaitingFor = () => string

/**
 * Both ports answer from the first moment on, because whoever probes a process that waits for its cluster or its
 * identity has to learn that it is alive, and a person why it does nothing yet.
 */
export function answerWhileStarting(
  waitingFor: WaitingFor,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = request.url?.split('?', 1)[0]
  if (path === '/healthz') answer(response, 200, { status: 'ok' })
  else if (path === '/readyz')
    answer(response, 503, { status: 'not ready', reasons: [waitingFor()] })
  else {
    const problem = toProblem(stillStarting(waitingFor))
    answer(response, problem.status, problem, problemHeaders(problem))
  }
}

export const stillStarting = (waitingFor: WaitingFor): PorpulsionError =>
  new PorpulsionError('Unavailable', 'AgentStarting', `The agent is starting: ${waitingFor()}`, {
    retryAfterSeconds: 2,
  })

/** A connection that was kept for it may bring another request while the last ones end. */
export function refuseWhileStopping(response: ServerResponse): void {
  const problem = toProblem(stopping())
  answer(response, problem.status, problem, problemHeaders(problem))
}

export const stopping = (): PorpulsionError =>
  new PorpulsionError('Unavailable', 'AgentStopping', 'The agent is stopping; try again', {
    retryAfterSeconds: 2,
  })

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): void {
  // The next request is for the server that follows.
  response.shouldKeepAlive = false
  response.writeHead(status, { 'cache-control': 'no-store', ...headers })
  response.end(JSON.stringify(body))
}
