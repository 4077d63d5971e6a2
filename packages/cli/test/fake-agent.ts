/**
 * An agent made of the endpoint table: it refuses what the table refuses, and answers what the test tells it to. So a
 * command that sends a wrong body fails here as it would against a real one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  endpoints,
  invalidFields,
  isPorpulsionError,
  PorpulsionError,
  schemaErrors,
  toProblem,
  type BodyOf,
  type Endpoint,
  type EndpointName,
  type ResponseOf,
} from '@porpulsion/contract'
import { onTestFinished } from 'vitest'

type Table = typeof endpoints
type Answer<K extends EndpointName> = Table[K]['format'] extends 'json'
  ? ResponseOf<Table[K]>
  : AsyncIterable<ResponseOf<Table[K]>> | Iterable<ResponseOf<Table[K]>>

export interface FakeRequest<K extends EndpointName> {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: BodyOf<Table[K]>
  readonly headers: IncomingMessage['headers']
}

export type FakeHandlers = {
  readonly [K in EndpointName]?: (request: FakeRequest<K>) => Answer<K> | Promise<Answer<K>>
}

export interface FakeAgent {
  readonly url: string
  /** What was asked, in order: `POST /api/remoteapps`. */
  readonly requests: string[]
}

export const fakeToken = 'porp_test'

export async function fakeAgent(handlers: FakeHandlers): Promise<FakeAgent> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    answer(handlers, request, response).catch((error: unknown) => sendProblem(response, error))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  return { url: `http://127.0.0.1:${port}`, requests }
}

async function answer(
  handlers: FakeHandlers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://agent')
  const { name, endpoint, params } = route(request.method ?? '', url.pathname)
  if (endpoint.role !== 'anyone' && request.headers.authorization !== `Bearer ${fakeToken}`) {
    if (!(request.headers.cookie ?? '').startsWith('porpulsion-')) throw notSignedIn()
  }
  const query = Object.fromEntries(url.searchParams)
  const unknown = Object.keys(query).filter((key) => !Object.hasOwn(endpoint.query.properties, key))
  if (unknown.length > 0) throw new Error(`${name} has no query ${unknown.join(', ')}`)
  const body = await readBody(request)
  if (endpoint.body !== undefined) {
    const fields = schemaErrors(endpoint.body, body)
    if (fields.length > 0) throw invalidFields(fields)
  }
  const handler = handlers[name] as ((request: FakeRequest<EndpointName>) => unknown) | undefined // the type of handlers ties the two
  if (handler === undefined) throw new Error(`The test answers no ${name}`)
  await send(
    response,
    endpoint,
    await handler({ params, query, body, headers: request.headers } as never),
  )
}

function route(
  method: string,
  path: string,
): { name: EndpointName; endpoint: Endpoint; params: Record<string, string> } {
  for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    const pattern = new RegExp(`^${endpoint.path.replace(/:([a-zA-Z]+)/g, '(?<$1>[^/]+)')}$`)
    const match = endpoint.method === method ? pattern.exec(path) : null
    if (match === null) continue
    const params = Object.entries(match.groups ?? {}).map(([key, value]) => [
      key,
      decodeURIComponent(value),
    ])
    return { name, endpoint, params: Object.fromEntries(params) as Record<string, string> }
  }
  throw new PorpulsionError('NotFound', 'RouteNotFound', `No route ${method} ${path}`)
}

async function send(response: ServerResponse, endpoint: Endpoint, result: unknown): Promise<void> {
  if (endpoint.format === 'json') {
    response.writeHead(endpoint.status, {
      'content-type': 'application/json',
      ...cookieOf(endpoint),
    })
    response.end(endpoint.status === 204 ? undefined : JSON.stringify(result))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  let id = 0
  for await (const item of result as AsyncIterable<unknown>) {
    const json = JSON.stringify(item)
    response.write(endpoint.format === 'sse' ? `id: ${++id}\ndata: ${json}\n\n` : `${json}\n`)
  }
  response.end()
}

const cookieOf = (endpoint: Endpoint): Record<string, string> =>
  endpoint.path === '/api/login' ? { 'set-cookie': 'porpulsion-12345678=session; HttpOnly' } : {}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString()
  return text === '' ? undefined : JSON.parse(text)
}

function sendProblem(response: ServerResponse, error: unknown): void {
  const known = isPorpulsionError(error)
    ? error
    : new PorpulsionError('Internal', 'InternalError', String(error))
  const problem = toProblem(known)
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify(problem))
}

const notSignedIn = (): PorpulsionError =>
  new PorpulsionError('Unauthenticated', 'NotSignedIn', 'Sign in or pass a token')
