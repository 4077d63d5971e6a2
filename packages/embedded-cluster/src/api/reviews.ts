/** Questions about identity and rights: TokenReview, SubjectAccessReview and their kin, and TokenRequest. */
import { badRequest, notFound } from '../registry/api-error.ts'
import { listAt, numberAt, objectAt, stringAt } from '../registry/fields.ts'
import { isObject, type JsonObject } from '../registry/json.ts'
import { timestamp } from '../registry/metadata.ts'
import { Kinds } from '../registry/kinds.ts'
import type { ApiContext } from './api-context.ts'
import {
  type ApiRequest,
  type ApiResponse,
  type Identity,
  json,
  readObject,
} from './api-request.ts'
import type { Attributes } from './authorizer.ts'
import { defaultAudiences, minTokenSeconds } from './service-account-tokens.ts'
import { keyOf, type Target } from './target.ts'

type Answer = (
  context: ApiContext,
  spec: JsonObject,
  request: ApiRequest,
  namespace: string | undefined,
) => object

const answers: Readonly<Record<string, Answer>> = {
  TokenReview: reviewToken,
  SelfSubjectReview: (_context, _spec, { user }) => ({ userInfo: userInfo(user) }),
  SelfSubjectAccessReview: (context, spec, { user }) => decide(context, user, spec),
  SubjectAccessReview: (context, spec) => decide(context, subjectOf(spec), spec),
  LocalSubjectAccessReview: (context, spec) => decide(context, subjectOf(spec), spec),
  SelfSubjectRulesReview: (context, spec, { user }) =>
    rules(context, user, stringAt(spec, 'namespace')),
}

/** The question comes back with its answer as status. */
export async function answerReview(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const answer = answers[target.resource.kind]
  if (answer === undefined) throw notFound(target.resource, '')
  const body = await readObject(request)
  const spec = objectAt(body, 'spec')
  return json({ ...body, status: answer(context, spec, request, target.path.namespace) }, 201)
}

function reviewToken({ authenticator }: ApiContext, spec: JsonObject): object {
  const asked = listAt(spec, 'audiences').filter((audience) => typeof audience === 'string')
  const found = authenticator.identify(
    stringAt(spec, 'token') ?? '',
    asked.length === 0 ? defaultAudiences : asked,
  )
  if (found === undefined) {
    return { authenticated: false, user: {}, error: '[invalid bearer token, token lookup failed]' }
  }
  return { authenticated: true, user: userInfo(found.identity), audiences: found.audiences }
}

function userInfo({ username, uid, groups, extra }: Identity): object {
  return {
    username,
    ...(uid !== undefined && { uid }),
    groups,
    ...(extra !== undefined && { extra }),
  }
}

function subjectOf(spec: JsonObject): Identity {
  const groups = listAt(spec, 'groups').filter((group) => typeof group === 'string')
  const username = stringAt(spec, 'user') ?? ''
  if (username === '' && groups.length === 0) {
    throw badRequest('spec.user: Required value: at least one of user or group must be specified')
  }
  return { username, groups }
}

function decide({ authorizer }: ApiContext, user: Identity, spec: JsonObject): object {
  const allowed = authorizer.isAllowed(user, attributesOf(spec))
  return { allowed }
}

function attributesOf(spec: JsonObject): Attributes {
  const resource = spec['resourceAttributes']
  if (isObject(resource)) {
    const part = (field: string): string | undefined => {
      const value = stringAt(resource, field) ?? ''
      return value === '' ? undefined : value
    }
    return {
      verb: part('verb') ?? '',
      group: part('group') ?? '',
      resource: part('resource') ?? '',
      subresource: part('subresource'),
      namespace: part('namespace'),
      name: part('name'),
    }
  }
  const path = spec['nonResourceAttributes']
  if (!isObject(path)) {
    throw badRequest(
      'spec.resourceAttributes: Required value: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    )
  }
  return { verb: stringAt(path, 'verb') ?? '', path: stringAt(path, 'path') ?? '' }
}

function rules({ authorizer }: ApiContext, user: Identity, namespace: string | undefined): object {
  const all = authorizer.rulesFor(user, namespace)
  const isForPaths = (rule: JsonObject): boolean => listAt(rule, 'nonResourceURLs').length > 0
  return {
    resourceRules: all
      .filter((rule) => !isForPaths(rule))
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames !== undefined && { resourceNames }),
      })),
    nonResourceRules: all
      .filter(isForPaths)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}

/** `kubectl create token`. */
export async function issueToken(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const key = keyOf(target)
  const account = context.registry.get(Kinds.ServiceAccount, key)
  if (account === undefined) throw notFound(target.resource, key.name)
  const body = await readObject(request)
  const audiences = listAt(body, 'spec', 'audiences').filter((one) => typeof one === 'string')
  const expirationSeconds = numberAt(body, 'spec', 'expirationSeconds') ?? 3_600
  if (expirationSeconds < minTokenSeconds) {
    throw badRequest(
      `spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`,
    )
  }
  const issued = context.tokens.issue(account, { audiences, expirationSeconds })
  const status = { token: issued.token, expirationTimestamp: timestamp(issued.expiresAtMs) }
  const spec = {
    audiences: audiences.length === 0 ? defaultAudiences : audiences,
    expirationSeconds,
  }
  const metadata = { ...key, creationTimestamp: timestamp(context.clock.now()) }
  return json(
    { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status },
    201,
  )
}
