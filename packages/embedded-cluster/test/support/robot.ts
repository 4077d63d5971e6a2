import type { TestApi } from '../test-cluster.ts'

/** A token of a ServiceAccount that may do this with one resource, in the namespace `default`, and nothing else. */
export async function robotWith(
  api: TestApi,
  resource: string,
  verbs: readonly string[],
): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
  const name = `robot-${verbs.join('-')}`
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await api.call('POST', accounts, { body: { metadata: { name } } })
  const rules = [{ apiGroups: [''], resources: [resource], verbs }]
  await api.call('POST', `${rbac}/roles`, { body: { metadata: { name }, rules } })
  await api.call('POST', `${rbac}/rolebindings`, {
    body: {
      metadata: { name },
      roleRef: { kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name }],
    },
  })
  const issued = await api.call('POST', `${accounts}/${name}/token`, { body: {} })
  // eslint-disable-next-line @typescript-eslint/no-unsafe-member-access -- a field that is missing fails the test
  return issued.body.status.token as string
}
