/** What a URL path of the Kubernetes API names. */
import { badRequest } from '../registry/api-error.ts'

export interface ResourcePath {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** Undefined for what is not below a version: discovery, health, OpenAPI. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  const [root, ...rest] = segments
  if (root === 'api') return parseBelowVersion('', rest)
  if (root === 'apis') return parseBelowVersion(rest[0] ?? '', rest.slice(1))
  return undefined
}

function parseBelowVersion(
  group: string,
  [version, ...rest]: readonly string[],
): ResourcePath | undefined {
  if (version === undefined || rest.length === 0) return undefined
  const isInside = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest)
  const namespace = isInside ? rest[1] : undefined
  const [resource = '', name, subresource, ...beyond] = isInside ? rest.slice(2) : rest
  if (beyond.length > 0) return undefined
  return { group, version, resource, namespace, name, subresource }
}

/** `/namespaces/x/status` is about the namespace, `/namespaces/x/pods` about what is in it. */
function isNamespaceSubresource(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`)
  }
}
