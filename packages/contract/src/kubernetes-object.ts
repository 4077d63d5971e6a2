import {
  Type,
  type Static,
  type TArray,
  type TLiteral,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TString,
} from 'typebox'

/** The part of Kubernetes metadata we read or write. Unknown fields pass: other controllers own them. */
export const ObjectMeta = Type.Object(
  {
    name: Type.String(),
    namespace: Type.Optional(Type.String()),
    uid: Type.Optional(Type.String()),
    resourceVersion: Type.Optional(Type.String()),
    generation: Type.Optional(Type.Integer()),
    creationTimestamp: Type.Optional(Type.String()),
    deletionTimestamp: Type.Optional(Type.String()),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
    finalizers: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: true },
)
export type ObjectMeta = Static<typeof ObjectMeta>

/** A closed object: an unknown field is an error that names it, never silently dropped. */
export const closed = <P extends TProperties>(
  properties: P,
  { rules, ...options }: { description?: string; rules?: readonly CelRule[] } = {},
): TObject<P> =>
  Type.Object(properties, {
    additionalProperties: false,
    ...options,
    ...(rules && { 'x-kubernetes-validations': rules }),
  })

/** What a schema cannot say, for the API server to say at once: CEL over `self`, and the mend. */
export interface CelRule {
  readonly rule: string
  readonly message: string
}

const ListMeta = Type.Object({
  resourceVersion: Type.Optional(Type.String()),
  continue: Type.Optional(Type.String()),
})

export const listOf = <K extends string, T extends TSchema>(
  kind: K,
  item: T,
): TObject<{
  apiVersion: TString
  kind: TLiteral<K>
  metadata: TOptional<typeof ListMeta>
  items: TArray<T>
}> =>
  Type.Object({
    apiVersion: Type.String(),
    kind: Type.Literal(kind),
    metadata: Type.Optional(ListMeta),
    items: Type.Array(item),
  })
