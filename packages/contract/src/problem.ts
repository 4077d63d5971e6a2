/** What errors are on the wire. Apart from `errors.ts`, so that who throws and catches them needs no schemas. */
import { Type, type Static } from 'typebox'

/** What is wrong with one field of a request. `path` is dotted: `spec.ports[0].port`. */
export const FieldError = Type.Object({
  path: Type.String(),
  message: Type.String(),
})
export type FieldError = Static<typeof FieldError>

/** RFC 9457 problem document: the body of every REST and peer API error. */
export const Problem = Type.Object({
  type: Type.String({ description: 'URI reference into docs/errors.md.' }),
  title: Type.String({ description: 'The kind.' }),
  status: Type.Integer(),
  code: Type.String({ description: 'Stable; see docs/errors.md.' }),
  detail: Type.String({ description: 'What happened and what to do.' }),
  instance: Type.Optional(Type.String({ description: 'Request id, as in the log.' })),
  errors: Type.Optional(Type.Array(FieldError)),
  retryAfterSeconds: Type.Optional(Type.Integer()),
})
export type Problem = Static<typeof Problem>
