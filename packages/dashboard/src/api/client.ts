/** The REST API, typed by the endpoint table of the contract. */
import {
  fromProblem,
  PorpulsionError,
  type BodyOf,
  type Endpoint,
  type Problem,
  type QueryOf,
  type ResponseOf,
} from '@porpulsion/contract'

export interface CallInput<E extends Endpoint> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: QueryOf<E>
  readonly body?: BodyOf<E>
  readonly signal?: AbortSignal
}

/** One JSON answer. Throws a PorpulsionError with the server's code, or `Unavailable` when the agent is away. */
export async function call<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E> = {},
): Promise<ResponseOf<E>> {
  const response = await open(endpoint, input)
  if (response.status === 204) return undefined as ResponseOf<E> // the table gives these no response schema
  return (await response.json()) as ResponseOf<E> // our own agent, of the same version as this page
}

/** The items of an NDJSON answer, as they arrive. */
export async function* stream<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
): AsyncGenerator<ResponseOf<E>> {
  const response = await open(endpoint, input)
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const next = (): Promise<ReadableStreamReadResult<string>> =>
    reader.read().catch((cause: unknown) => {
      throw unreachable(cause, input.signal)
    })
  let rest = ''
  for (;;) {
    const { value, done } = await next()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '') yield JSON.parse(line) as ResponseOf<E> // see call
    }
  }
}

async function open<E extends Endpoint>(endpoint: E, input: CallInput<E>): Promise<Response> {
  let response: Response
  try {
    response = await fetch(urlOf(endpoint, input), {
      method: endpoint.method,
      headers: input.body === undefined ? {} : { 'content-type': 'application/json' },
      body: input.body === undefined ? null : JSON.stringify(input.body),
      signal: input.signal ?? null,
    })
  } catch (cause) {
    throw unreachable(cause, input.signal)
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

/** What a failed connection means; our own abort stays what it is. */
export function unreachable(cause: unknown, signal?: AbortSignal): Error {
  if (signal?.aborted === true && cause instanceof Error) return cause
  return new PorpulsionError(
    'Unavailable',
    'AgentUnreachable',
    'The agent does not answer. It may be restarting; try again in a moment.',
    { cause },
  )
}

export function urlOf(endpoint: Endpoint, input: CallInput<Endpoint>): string {
  const path = endpoint.path.replace(/:([a-zA-Z]+)/g, (_match, name: string) =>
    encodeURIComponent(input.params?.[name] ?? ''),
  )
  const query = new URLSearchParams()
  // Every query schema of the table has scalar fields only.
  const fields = Object.entries(input.query ?? {}) as [
    string,
    string | number | boolean | undefined,
  ][]
  for (const [key, value] of fields) if (value !== undefined) query.set(key, String(value))
  return query.size > 0 ? `${path}?${query.toString()}` : path
}

/** What the agent says against a request. */
export async function problemOf(response: Response): Promise<PorpulsionError> {
  const body: unknown = await response.json().catch(() => undefined)
  if (isProblem(body)) return fromProblem(body)
  return new PorpulsionError('Internal', 'InternalError', `The agent answered ${response.status}`)
}

/** A problem document of our own agent, told from the error page of something in between. The schema's check would be a third of what the first visit loads. */
function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}
