/* eslint-disable @typescript-eslint/no-unsafe-member-access -- answers are walked into as JSON; a field that is missing fails the assertion */
import { expect, test } from 'vitest'
import { aCluster, configMaps, type TestApi } from './test-cluster.ts'
import { ManualClock } from './test-registry.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const robotTokens = '/api/v1/namespaces/default/serviceaccounts/robot/token'

async function withRobot(api: TestApi, body: object = {}): Promise<string> {
  await api.call('POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'robot' } },
  })
  const issued = await api.call('POST', robotTokens, { body })
  return issued.body.status.token as string
}

async function mayRead(api: TestApi, namespaced: boolean): Promise<void> {
  const scope = namespaced ? `${rbac}/namespaces/default/` : `${rbac}/cluster`
  const kind = namespaced ? 'Role' : 'ClusterRole'
  await api.call('POST', `${scope}roles`, {
    body: {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
    },
  })
  await api.call('POST', `${scope}rolebindings`, {
    body: {
      metadata: { name: 'reader' },
      roleRef: { kind, name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'robot' }],
    },
  })
}

test.each(['', 'Bearer wrong', 'Basic YTpi', 'Bearer a.b.c'])(
  'a request with authorization %j is nobody',
  async (authorization) => {
    const { call } = await aCluster()
    const answer = await call('GET', configMaps, { headers: { authorization } })
    expect(answer).toMatchObject({ status: 401, body: { reason: 'Unauthorized', code: 401 } })
  },
)

test('health is told to anybody', async () => {
  const { cluster } = await aCluster()
  for (const path of ['/healthz', '/livez', '/readyz']) {
    expect(await (await fetch(`${cluster.url}${path}`)).text()).toBe('ok')
  }
})

test('a service account may do nothing until a role says so, and then that alone', async () => {
  const api = await aCluster()
  const token = await withRobot(api)
  expect(await api.call('GET', configMaps, { token })).toMatchObject({
    status: 403,
    body: {
      message:
        'configmaps is forbidden: User "system:serviceaccount:default:robot" cannot list resource "configmaps" in API group "" in the namespace "default"',
    },
  })
  await mayRead(api, true)
  expect((await api.call('GET', configMaps, { token })).status).toBe(200)
  expect((await api.call('GET', '/api/v1/configmaps', { token })).status).toBe(403)
  const create = { token, body: { metadata: { name: 'a' } } }
  expect((await api.call('POST', configMaps, create)).status).toBe(403)
  expect((await api.call('GET', `${configMaps}/a/status`, { token })).status).toBe(403)
})

test('a cluster role binding holds everywhere, and ends with the binding', async () => {
  const api = await aCluster()
  const token = await withRobot(api)
  await mayRead(api, false)
  expect((await api.call('GET', '/api/v1/configmaps', { token })).status).toBe(200)
  await api.call('DELETE', `${rbac}/clusterrolebindings/reader`)
  expect((await api.call('GET', '/api/v1/configmaps', { token })).status).toBe(403)
})

test('a token ends with its time and with its account', async () => {
  const clock = new ManualClock()
  const api = await aCluster({ clock })
  const token = await withRobot(api, { spec: { expirationSeconds: 600 } })
  await mayRead(api, true)
  const status = async (): Promise<number> => (await api.call('GET', configMaps, { token })).status
  expect(await status()).toBe(200)
  clock.advance(601_000)
  expect(await status()).toBe(401)
  const other = await api.call('POST', robotTokens, { body: {} })
  await api.call('DELETE', '/api/v1/namespaces/default/serviceaccounts/robot')
  await api.call('POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'robot' } },
  })
  const fromBefore = other.body.status.token as string
  expect((await api.call('GET', configMaps, { token: fromBefore })).status).toBe(401)
})

test('a token for another audience is no key to this API, but TokenReview knows it', async () => {
  const api = await aCluster()
  const token = await withRobot(api, { spec: { audiences: ['porpulsion'] } })
  expect((await api.call('GET', configMaps, { token })).status).toBe(401)
  const review = async (audiences: string[]): Promise<unknown> => {
    const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'
    return (await api.call('POST', reviews, { body: { spec: { token, audiences } } })).body.status
  }
  expect(await review(['porpulsion'])).toMatchObject({
    authenticated: true,
    audiences: ['porpulsion'],
    user: { username: 'system:serviceaccount:default:robot' },
  })
  expect(await review([])).toMatchObject({ authenticated: false })
})

test('a token that was changed is refused', async () => {
  const api = await aCluster()
  const token = await withRobot(api)
  const [header, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString('utf8')) as object
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9e9 })).toString('base64url')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const bad of [`${header!}.${forged}.${signature!}`, `${none}.${payload!}.`]) {
    expect((await api.call('GET', configMaps, { token: bad })).status).toBe(401)
  }
})

test('access reviews answer as the authorizer would', async () => {
  const api = await aCluster()
  const token = await withRobot(api)
  await mayRead(api, true)
  const ask = async (verb: string, as?: string): Promise<unknown> => {
    const kind = as === undefined ? 'selfsubjectaccessreviews' : 'subjectaccessreviews'
    const resourceAttributes = { verb, resource: 'configmaps', namespace: 'default' }
    const spec = { resourceAttributes, ...(as !== undefined && { user: as }) }
    const path = `/apis/authorization.k8s.io/v1/${kind}`
    const options = as === undefined ? { token, body: { spec } } : { body: { spec } }
    return (await api.call('POST', path, options)).body.status.allowed
  }
  expect(await ask('list')).toBe(true)
  expect(await ask('delete')).toBe(false)
  expect(await ask('list', 'system:serviceaccount:default:robot')).toBe(true)
  expect(await ask('list', 'somebody')).toBe(false)
})

test('only those who may impersonate act as somebody else', async () => {
  const api = await aCluster()
  const token = await withRobot(api)
  const headers = { 'impersonate-user': 'system:serviceaccount:default:robot' }
  expect((await api.call('GET', configMaps, { headers })).status).toBe(403)
  await mayRead(api, true)
  expect((await api.call('GET', configMaps, { headers })).status).toBe(200)
  await api.call('POST', `${rbac}/clusterroles`, {
    body: {
      metadata: { name: 'mask' },
      rules: [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }],
    },
  })
  await api.call('POST', `${rbac}/clusterrolebindings`, {
    body: {
      metadata: { name: 'mask' },
      roleRef: { kind: 'ClusterRole', name: 'mask' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'robot' }],
    },
  })
  const asSomebody = { 'impersonate-user': 'x' }
  const refusal = await api.call('GET', configMaps, { token, headers: asSomebody })
  expect(refusal.body.message).toContain('User "x" cannot list')
  const asAdmin = { 'impersonate-user': 'x', 'impersonate-group': 'system:masters' }
  expect((await api.call('GET', configMaps, { token, headers: asAdmin })).status).toBe(403)
})
