/** What one line of an endpoint table is. */
import { Type, type TObject, type TSchema } from 'typebox'
import type { Role } from './rest-bodies.ts'

/** What is said through a WebSocket. */
export interface WebSocketUse {
  /** Offered by the client, chosen by the server; docs/protocol.md describes each. */
  readonly subprotocol: string
  /** A terminal, message by message (`exec.ts`); or a session of the channel, cut anywhere (`app-connection.ts`). */
  readonly carries: 'terminal' | 'session'
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for parameters. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  /** Least role that may call it; `anyone` needs no account. */
  readonly role: 'anyone' | Role
  /** Success status. */
  readonly status: number
  /**
   * How the response is sent: one JSON body, newline-delimited JSON, or server-sent events; each item fits `response`.
   * Or a WebSocket, of which `webSocket` says the rest.
   */
  readonly format: 'json' | 'ndjson' | 'sse' | 'websocket'
  readonly webSocket: WebSocketUse | undefined
  /** It changes nothing, whatever its method: what it asks is too long for a URL. Not in the audit trail. */
  readonly onlyAsks: boolean
  readonly params: TObject
  readonly query: TObject
  readonly body: TSchema | undefined
  readonly response: TSchema | undefined
}

type Extra = Partial<
  Pick<Endpoint, 'status' | 'format' | 'webSocket' | 'onlyAsks' | 'query' | 'body' | 'response'>
>

/** `GET /api/peer/:name` → method, path and the parameter schema read off the path. */
/** An endpoint with what its line in the table says, and nothing widened. */
export type EndpointOf<X extends Extra> = Pick<
  Endpoint,
  'method' | 'path' | 'tag' | 'role' | 'summary' | 'params'
> &
  Omit<typeof defaults, keyof X> &
  X

const defaults = {
  status: 200,
  format: 'json',
  webSocket: undefined,
  onlyAsks: false,
  query: Type.Object({}),
  body: undefined,
  response: undefined,
} as const

/** `GET /api/peer/:name` → method, path and the parameter schema read off the path. */
export function endpoint<const X extends Extra>(
  route: string,
  tag: string,
  role: Endpoint['role'],
  summary: string,
  extra: X,
): EndpointOf<X> {
  const [method, path] = route.split(' ') as [Endpoint['method'], string] // every line of a table says both
  const names = [...path.matchAll(/:([a-zA-Z]+)/g)].map((match) => match[1] ?? '')
  const params = Type.Object(
    Object.fromEntries(names.map((name) => [name, Type.String({ minLength: 1, maxLength: 320 })])),
  )
  return { ...defaults, ...extra, method, path, tag, role, summary, params }
}
