import type { Readable } from 'node:stream'
import { PorpulsionError, Problem, schemaErrors, type Endpoint } from '@porpulsion/contract'
import type { RpcRequest, RpcResponse } from './links-api.ts'
import { errorOfProblem } from './peer-words.ts'
import { wholeText, type WholeAnswer } from './rpc-client.ts'

/** Longer than any line a container runtime writes, by far. */
const maxLineBytes = 1024 * 1024

export interface PeerCallInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
}

/** The HTTP request that a line of the peer API's table stands for. */
export function requestFor(
  endpoint: Endpoint,
  { params = {}, query = {}, body }: PeerCallInput,
): Pick<RpcRequest, 'method' | 'path' | 'headers' | 'body'> {
  const path = endpoint.path.replace(/:([a-zA-Z]+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  ).toString()
  return {
    method: endpoint.method,
    path: search === '' ? path : `${path}?${search}`,
    headers: {
      host: 'peer',
      accept: endpoint.format === 'ndjson' ? 'application/x-ndjson' : 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}

/** The whole answer, checked against the table: it comes from another owner's cluster. */
export function readAnswer(
  peer: string,
  endpoint: Endpoint,
  { status, text }: WholeAnswer,
): unknown {
  requireSuccess(peer, status, text)
  if (endpoint.response === undefined) return undefined
  return checked(peer, endpoint, parsed(peer, text))
}

/** The answer line by line. Leaving the loop ends the request. */
export async function readLines(
  peer: string,
  endpoint: Endpoint,
  response: RpcResponse,
): Promise<AsyncIterable<unknown>> {
  if (response.status !== endpoint.status)
    requireSuccess(peer, response.status, await wholeText(response.body))
  return lines(peer, endpoint, response.body)
}

async function* lines(
  peer: string,
  endpoint: Endpoint,
  body: Readable,
): AsyncGenerator<unknown, void, undefined> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const chunk of body as AsyncIterable<string>) {
    rest += chunk
    // Looked for in what is new only: a line that comes in single bytes would be searched as often as it has bytes.
    const parts = chunk.includes('\n') ? rest.split('\n') : []
    rest = parts.pop() ?? rest
    for (const line of parts) if (line !== '') yield checked(peer, endpoint, parsed(peer, line))
    if (rest.length > maxLineBytes) throw violation(peer, 'a line without an end')
  }
  if (rest !== '') yield checked(peer, endpoint, parsed(peer, rest))
}

function requireSuccess(peer: string, status: number, text: string): void {
  if (status >= 200 && status < 300) return
  const value = parsed(peer, text)
  if (schemaErrors(Problem, value).length > 0)
    throw violation(peer, `status ${status} without a reason`)
  throw errorOfProblem(peer, value as Problem) // checked by schemaErrors
}

function parsed(peer: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw violation(peer, 'something that is not JSON', cause)
  }
}

function checked(peer: string, { path, response }: Endpoint, value: unknown): unknown {
  if (response === undefined) return value
  const [error] = schemaErrors(response, value)
  if (error !== undefined)
    throw violation(peer, `${error.path}: ${error.message} (in the answer of ${path})`)
  return value
}

const violation = (peer: string, what: string, cause?: unknown): PorpulsionError =>
  new PorpulsionError('ProtocolViolation', 'PeerProtocolError', `Peer "${peer}" sent ${what}`, {
    cause,
  })
