import type { KubeObject } from './kube-object.ts'

declare const objectType: unique symbol

/** How a kind is addressed on the API server. The type parameter is what its objects look like. */
export interface ResourceKind<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Exists for the compiler only: ties the kind to its object type. */
  readonly [objectType]?: T
}

/** Names a kind once; custom resources use the same function as the built-in ones. */
export function resourceKind<T extends KubeObject>(
  description: Omit<ResourceKind, typeof objectType>,
): ResourceKind<T> {
  return description
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(kind: ResourceKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** `pods`, `deployments.apps`: how people and errors name the resource. */
export function resourceName(kind: ResourceKind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/** Without a namespace a namespaced kind is addressed across all of them. */
export function collectionPath(kind: ResourceKind, namespace: string | undefined): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`
  return kind.namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`
}

export function objectPath(
  kind: ResourceKind,
  ref: { readonly namespace?: string | undefined; readonly name: string },
  subresource?: string,
): string {
  // An empty segment would silently address the collection instead: with DELETE, all of it.
  if (ref.name === '')
    throw new TypeError(`A ${kind.kind} is addressed by its name, which is empty`)
  if (kind.namespaced && (ref.namespace === undefined || ref.namespace === ''))
    throw new TypeError(
      `${kind.kind} "${ref.name}" is namespaced and was addressed without a namespace`,
    )
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}
