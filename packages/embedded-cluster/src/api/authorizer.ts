/** Role-based access control: may this user do this. */
import { listAt, objectAt, objectsAt, stringAt } from '../registry/fields.ts'
import type { JsonObject } from '../registry/json.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Kind, Registry, Stored, StopWatch } from '../registry/registry.ts'
import { adminGroup } from './authenticator.ts'
import type { Identity } from './api-request.ts'

export interface ResourceAttributes {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
}

export interface PathAttributes {
  readonly verb: string
  readonly path: string
}

export type Attributes = ResourceAttributes | PathAttributes

interface Grant {
  /** Undefined: everywhere. */
  readonly namespace: string | undefined
  readonly subjects: readonly JsonObject[]
  readonly rules: readonly JsonObject[]
}

/** What everybody who is authenticated may do: look around, and ask about themselves. */
const rulesForAll: readonly JsonObject[] = [
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/openapi',
      '/openapi/*',
      '/version',
      '/healthz',
      '/livez',
      '/readyz',
    ],
  },
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
]

export class Authorizer {
  readonly #registry: Registry
  /** Resolved bindings; dropped whenever a role or binding changes. */
  #grants: readonly Grant[] | undefined
  readonly #stops: readonly StopWatch[]

  constructor(registry: Registry) {
    this.#registry = registry
    const kinds: readonly Kind[] = [
      Kinds.Role,
      Kinds.ClusterRole,
      Kinds.RoleBinding,
      Kinds.ClusterRoleBinding,
    ]
    this.#stops = kinds.map((kind) =>
      registry.watch(kind, {}, () => {
        this.#grants = undefined
      }),
    )
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  isAllowed(user: Identity, attributes: Attributes): boolean {
    if (user.groups.includes(adminGroup)) return true
    const namespace = 'path' in attributes ? undefined : attributes.namespace
    return this.rulesFor(user, namespace).some((rule) => covers(rule, attributes))
  }

  /** The rules that hold for a user in a namespace, cluster-wide ones included. */
  rulesFor(user: Identity, namespace: string | undefined): readonly JsonObject[] {
    if (user.groups.includes(adminGroup)) {
      return [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    }
    this.#grants ??= this.#resolve()
    const granted = this.#grants
      .filter((grant) => grant.namespace === undefined || grant.namespace === namespace)
      .filter((grant) => grant.subjects.some((subject) => isSubject(subject, user)))
    return [...rulesForAll, ...granted.flatMap((grant) => grant.rules)]
  }

  #resolve(): readonly Grant[] {
    const { items: everywhere } = this.#registry.list(Kinds.ClusterRoleBinding)
    const { items: within } = this.#registry.list(Kinds.RoleBinding)
    return [...everywhere, ...within].map((binding) => ({
      namespace: binding.metadata.namespace,
      subjects: objectsAt(binding, 'subjects'),
      rules: this.#rulesOf(binding),
    }))
  }

  #rulesOf(binding: Stored): readonly JsonObject[] {
    const name = stringAt(binding, 'roleRef', 'name') ?? ''
    const { namespace } = binding.metadata
    const isLocal = stringAt(binding, 'roleRef', 'kind') === 'Role' && namespace !== undefined
    const role = isLocal
      ? this.#registry.get(Kinds.Role, { namespace, name })
      : this.#registry.get(Kinds.ClusterRole, { name })
    return role === undefined ? [] : [...objectsAt(role, 'rules'), ...this.#aggregated(role)]
  }

  /** Rules of the ClusterRoles whose labels an aggregating role selects. */
  #aggregated(role: Stored): readonly JsonObject[] {
    const selectors = objectsAt(role, 'aggregationRule', 'clusterRoleSelectors')
    if (selectors.length === 0) return []
    return this.#registry
      .list(Kinds.ClusterRole)
      .items.filter((other) =>
        selectors.some((selector) =>
          Object.entries(objectAt(selector, 'matchLabels')).every(
            ([key, value]) => other.metadata.labels?.[key] === value,
          ),
        ),
      )
      .flatMap((other) => objectsAt(other, 'rules'))
  }
}

function isSubject(subject: JsonObject, user: Identity): boolean {
  const name = stringAt(subject, 'name') ?? ''
  switch (subject['kind']) {
    case 'User':
      return user.username === name
    case 'Group':
      return user.groups.includes(name)
    case 'ServiceAccount': {
      const namespace = stringAt(subject, 'namespace') ?? ''
      return user.username === `system:serviceaccount:${namespace}:${name}`
    }
    default:
      return false
  }
}

function covers(rule: JsonObject, attributes: Attributes): boolean {
  if (!names(rule, 'verbs', attributes.verb)) return false
  if ('path' in attributes) {
    return listAt(rule, 'nonResourceURLs').some((pattern) => coversPath(pattern, attributes.path))
  }
  const { group, name } = attributes
  if (!names(rule, 'apiGroups', group) || !coversResource(rule, attributes)) return false
  const only = listAt(rule, 'resourceNames')
  return only.length === 0 || (name !== undefined && only.includes(name))
}

function names(rule: JsonObject, field: string, value: string): boolean {
  const list = listAt(rule, field)
  return list.includes('*') || list.includes(value)
}

function coversResource(rule: JsonObject, { resource, subresource }: ResourceAttributes): boolean {
  const list = listAt(rule, 'resources')
  const full = subresource === undefined ? resource : `${resource}/${subresource}`
  if (list.includes('*') || list.includes(full)) return true
  return subresource !== undefined && list.includes(`*/${subresource}`)
}

function coversPath(pattern: unknown, path: string): boolean {
  if (typeof pattern !== 'string') return false
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}

/** The refusal, as the real server words it. */
export function refusalText(user: Identity, attributes: Attributes): string {
  if ('path' in attributes) {
    return `forbidden: User "${user.username}" cannot ${attributes.verb} path "${attributes.path}"`
  }
  const { verb, group, resource, subresource, namespace } = attributes
  const full = subresource === undefined ? resource : `${resource}/${subresource}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return `User "${user.username}" cannot ${verb} resource "${full}" in API group "${group}" ${where}`
}
