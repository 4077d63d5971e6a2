import { invalidFields, schemaErrors, type Endpoint, type FieldError } from '@porpulsion/contract'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** What arrived; nothing of it is believed. */
export interface RawRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

export interface CheckedRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
}

/** `refused`: our own clients have typos. `ignored`: a newer peer knows more fields than we do. */
export type UnknownFields = 'refused' | 'ignored'

/** Reads requests through an endpoint's schemas. Throws `InvalidRequest` that names every wrong field. */
export function createRequestCheck(
  endpoint: Endpoint,
  unknownFields: UnknownFields,
): (raw: RawRequest) => CheckedRequest {
  const params = fieldCheck(endpoint.params)
  const query = fieldCheck(endpoint.query)
  const body = endpoint.body === undefined ? undefined : fieldCheck(endpoint.body)

  return (raw) => {
    const readQuery = readQueryOf(endpoint, raw.query, unknownFields)
    // A body left out is an empty one: where every field is optional nobody should have to send `{}`.
    const readBody = raw.body ?? {}
    const errors = [
      ...params(raw.params),
      ...readQuery.errors,
      ...query(readQuery.values),
      ...(body?.(readBody) ?? []),
    ]
    if (errors.length > 0) throw invalidFields(errors)
    return {
      params: raw.params as Readonly<Record<string, string>>, // checked against the schema of the path
      query: readQuery.values,
      body: body === undefined ? undefined : readBody,
    }
  }
}

/** Compiled for the many requests that are right; the slow way only to say what is wrong. */
function fieldCheck(schema: TSchema): (value: unknown) => readonly FieldError[] {
  let compiled: { Check(value: unknown): boolean } | undefined
  return (value) => {
    compiled ??= Compile(schema)
    return compiled.Check(value) ? [] : schemaErrors(schema, value)
  }
}

interface ReadQuery {
  readonly values: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[]
}

/** A query is all text: what the schema calls a number or a boolean is read as one, exactly or not at all. */
function readQueryOf(endpoint: Endpoint, query: unknown, unknownFields: UnknownFields): ReadQuery {
  const values: Record<string, unknown> = {}
  const errors: FieldError[] = []
  for (const [name, text] of Object.entries(query as Readonly<Record<string, unknown>>)) {
    const schema = endpoint.query.properties[name]
    if (schema !== undefined) values[name] = readValue(schema, text)
    else if (unknownFields === 'refused')
      errors.push({
        path: name,
        message: 'unknown query parameter; remove it or check its spelling',
      })
  }
  return { values, errors }
}

function readValue(schema: TSchema, text: unknown): unknown {
  const type = 'type' in schema ? schema.type : undefined
  if (type === 'array') return [text].flat() // given once, it is a list as well
  if (typeof text !== 'string') return text // given twice: the schema refuses the list
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}$/.test(text)) return Number(text)
  // `?follow` and `?follow=` read as people mean them.
  if (type === 'boolean' && (text === 'true' || text === '')) return true
  if (type === 'boolean' && text === 'false') return false
  return text
}
