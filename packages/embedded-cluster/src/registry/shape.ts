/**
 * What is known of the form of a value: enough to decode, prune, merge and to say who owns which field. Built-in
 * kinds get theirs from a generated table, custom ones from their schema.
 */

/** How lists are merged and owned. */
export type ListMerge =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  /** Elements are told apart by these fields; a missing one counts as its default. */
  | {
      readonly kind: 'map'
      readonly keys: readonly string[]
      readonly defaults: Readonly<Record<string, string>>
    }

export type ScalarType =
  'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'quantity' | 'time' | 'bytes'

export type Shape =
  /** Anything goes, nothing inside is looked at. */
  | { readonly kind: 'any' }
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | ObjectShape
  | { readonly kind: 'map'; readonly values: Shape; readonly atomic: boolean }
  | {
      readonly kind: 'list'
      readonly items: Shape
      readonly merge: ListMerge
      /** Strategic merge: the key by which elements merge; a list without one is replaced. */
      readonly patchKey: string | undefined
      /** Strategic merge: a list of scalars that is merged. */
      readonly patchSet: boolean
    }

export interface ObjectShape {
  readonly kind: 'object'
  /** Undefined: unknown here. */
  field(name: string): Shape | undefined
  readonly fieldNames: readonly string[]
  readonly required: readonly string[]
  /** Owned and replaced as a whole. */
  readonly atomic: boolean
  /** Unknown fields are kept (`x-kubernetes-preserve-unknown-fields`). */
  readonly open: boolean
  /** Strategic merge drops fields that the patch does not name in `$retainKeys`. */
  readonly typeName: string | undefined
}

export const anyShape: Shape = { kind: 'any' }

export const atomicList: ListMerge = { kind: 'atomic' }
