/** A request once it is known who asks, and an answer before it is bytes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type DocumentOptions,
  parse as parseYaml,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml'
import { ApiError, badRequest } from '../registry/api-error.ts'
import { isObject, type JsonObject } from '../registry/json.ts'

/** The real server's limit for what it stores. */
const maxRequestBytes = 3 * 1024 * 1024

export interface Identity {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly user: Identity
  /** Whether the client wants to go on with another protocol; then there is no body. */
  readonly isUpgrade: boolean
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  /** Shown to the user as `Warning:`. */
  warn(message: string): void
  body(): Promise<Buffer>
  readProtobuf(body: Buffer): JsonObject
}

const protobufType = 'application/vnd.kubernetes.protobuf'

export type ApiResponse =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly body: unknown
      readonly type?: string
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly body: string | Buffer
      readonly type: string
    }
  /** Writes to the response by itself, and ends it. */
  | { readonly kind: 'stream'; send(response: ServerResponse): Promise<void> }
  /** Takes the connection over; resolves when it is done with it. */
  | { readonly kind: 'upgrade'; accept(connection: UpgradedConnection): Promise<void> }

/** What is left of HTTP when a client has asked for another protocol. */
export interface UpgradedConnection {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came after the request already. */
  readonly head: Buffer
}

export function json(body: unknown, status = 200): ApiResponse {
  return { kind: 'json', status, body }
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxRequestBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a request without encoding gives buffers')
    bytes += chunk.length
    if (bytes > maxRequestBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): ApiError {
  return new ApiError(
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${maxRequestBytes}`,
  )
}

/** The body as JSON or YAML, whatever its content type says it is. */
export async function readDocument(request: ApiRequest): Promise<unknown> {
  const type = mediaType(request.headers['content-type'])
  const body = await request.body()
  if (type === protobufType) return request.readProtobuf(body)
  if (type.endsWith('yaml')) return readYaml(body)
  return readJson(body)
}

export async function readObject(request: ApiRequest): Promise<JsonObject> {
  const document = await readDocument(request)
  if (!isObject(document))
    throw badRequest('the object provided is unrecognized (must be an object)')
  return document
}

export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

export function unsupportedType(type: string): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${type}) - accepted media types include: application/json, application/yaml`,
  )
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw badRequest(`couldn't read the request as JSON: ${messageOf(error)}`)
  }
}

function readYaml(body: Buffer): unknown {
  const text = body.toString('utf8')
  return readAsJson(text) ?? parseYamlText(text)
}

/** What programs apply is JSON under the name of YAML, and reads ten times faster as what it is. */
function readAsJson(text: string): unknown {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // YAML in flow style begins with a brace, too.
  }
}

/** YAML 1.1, where `0644` is octal, but only with what JSON has: no dates, no bytes, no sets. */
const manifestYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !beyondJson.has(tag.tag)),
}
const beyondJson: ReadonlySet<string> = new Set(
  ['timestamp', 'binary', 'set', 'omap', 'pairs'].map((name) => `tag:yaml.org,2002:${name}`),
)

function parseYamlText(text: string): unknown {
  try {
    // Aliases are bounded: a few lines of them can stand for gigabytes.
    return parseYaml(text, { ...manifestYaml, maxAliasCount: 100 })
  } catch (error) {
    throw badRequest(`couldn't read the request as YAML: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A whole number of a query parameter. */
export function integerParam(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw badRequest(
      `the query parameter ${name} must be a whole number, not ${JSON.stringify(text)}`,
    )
  }
  return value
}

export function booleanParam(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text === '' || text === 'true' || text === '1'
}
