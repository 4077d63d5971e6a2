import * as contract from '@porpulsion/contract'
import { endpoints, Problem, type Endpoint } from '@porpulsion/contract'
import type { TSchema } from 'typebox'

type Json = Readonly<Record<string, unknown>>

/** Schemas with a name of their own in the document; everything else stands where it is used. */
const namedSchemas = {
  ApiEvent: contract.ApiEvent,
  ApiToken: contract.ApiToken,
  ExecutingApp: contract.ExecutingApp,
  ExecutingAppList: contract.ExecutingAppList,
  Invite: contract.Invite,
  LogLine: contract.LogLine,
  Notification: contract.Notification,
  Peer: contract.Peer,
  PeerList: contract.PeerList,
  Problem,
  RemoteApp: contract.RemoteApp,
  RemoteAppList: contract.RemoteAppList,
  RemoteAppManifest: contract.RemoteAppManifest,
  SettingsDocument: contract.SettingsDocument,
} as const satisfies Record<string, TSchema>

/** The REST API as the endpoint table has it. */
export function openApiDocument(openapi: '3.1.0' | '3.0.3', version: string): Json {
  const write = openapi === '3.1.0' ? (schema: Json) => schema : asOpenApi30
  const schemaOf = (schema: TSchema): Json => write(toJsonSchema(schema))
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = endpoint.path.replace(/:([a-zA-Z]+)/g, '{$1}')
    const operations = (paths[path] ??= {})
    operations[endpoint.method.toLowerCase()] = operation(name, endpoint, schemaOf)
  }
  return {
    openapi,
    info: {
      title: 'Porpulsion',
      version,
      description:
        'The API of one agent. Errors are problem documents (RFC 9457). Bodies may be JSON or YAML.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(Object.values(endpoints).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'porpulsion',
          description:
            'Set by signing in; its name ends with the start of the agent’s fingerprint.',
        },
      },
      schemas: Object.fromEntries(
        Object.entries(namedSchemas).map(([name, schema]) => [name, write(expand(schema))]),
      ),
      responses: {
        Problem: {
          description: 'What went wrong and what to do.',
          content: { 'application/problem+json': { schema: schemaOf(Problem) } },
        },
      },
    },
  }
}

function operation(name: string, endpoint: Endpoint, schemaOf: (schema: TSchema) => Json): Json {
  const { role } = endpoint
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(role === 'anyone'
      ? { security: [] }
      : { description: `Needs the role ${role} or above.`, 'x-porpulsion-role': role }),
    parameters: [
      ...parameters('path', endpoint.params, schemaOf),
      ...parameters('query', endpoint.query, schemaOf),
    ],
    ...(endpoint.body !== undefined && {
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: schemaOf(endpoint.body) },
          'application/yaml': { schema: schemaOf(endpoint.body) },
        },
      },
    }),
    responses: {
      [String(endpoint.status)]: success(endpoint, schemaOf),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

const contentTypes: Readonly<Record<Endpoint['format'], string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  sse: 'text/event-stream',
  websocket: 'application/octet-stream',
}

const descriptions: Readonly<Record<Endpoint['format'], string>> = {
  json: 'Done.',
  ndjson: 'One of these per line, as they come.',
  sse: 'Server-sent events; the data of each is one of these. Last-Event-ID resumes.',
  websocket: 'The connection is a WebSocket, described in docs/protocol.md under its subprotocol',
}

const descriptionOf = ({ format, webSocket }: Endpoint): string =>
  `${descriptions[format]}${webSocket === undefined ? '' : ` ${webSocket.subprotocol}.`}`

function success(endpoint: Endpoint, schemaOf: (schema: TSchema) => Json): Json {
  if (endpoint.response === undefined) return { description: descriptionOf(endpoint) }
  return {
    description: descriptionOf(endpoint),
    content: { [contentTypes[endpoint.format]]: { schema: schemaOf(endpoint.response) } },
  }
}

function parameters(
  where: 'path' | 'query',
  schema: Endpoint['params'],
  schemaOf: (schema: TSchema) => Json,
): readonly Json[] {
  const required = schema.required as readonly string[] | undefined // left out by TypeBox where nothing is
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: where,
    required: required?.includes(name) ?? false,
    schema: schemaOf(property),
  }))
}

const nameBySchema = new Map<object, string>(
  Object.entries(namedSchemas).map(([name, schema]) => [schema, name]),
)

/** TypeBox schemas are JSON Schemas; those with a name are referred to by it. */
function toJsonSchema(schema: object): Json {
  const name = nameBySchema.get(schema)
  return name === undefined ? expand(schema) : { $ref: `#/components/schemas/${name}` }
}

function expand(schema: object): Json {
  const entries = Object.entries(schema).map(([key, value]) => [key, written(value)] as const)
  return Object.fromEntries(entries)
}

function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written)
  return typeof value === 'object' && value !== null ? toJsonSchema(value) : value
}

/** OpenAPI 3.0 has an older JSON Schema: no `const`, no `patternProperties`, one `type`. */
function asOpenApi30(schema: Json): Json {
  const { const: constant, patternProperties, ...rest } = schema
  const values = patternProperties === undefined ? [] : Object.values(patternProperties as Json)
  const older = {
    ...rest,
    ...(constant !== undefined && { enum: [constant] }),
    ...(values.length > 0 && { additionalProperties: values[0] }),
  }
  return Object.fromEntries(Object.entries(older).map(([key, value]) => [key, inOpenApi30(value)]))
}

function inOpenApi30(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOpenApi30)
  return typeof value === 'object' && value !== null ? asOpenApi30(value as Json) : value // an object: checked
}
