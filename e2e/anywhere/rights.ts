import { expect, test } from 'vitest'
import { namespaceOfA, type TheWorld } from './chapter.ts'
import { agentNamespace } from '../support/agent-home.ts'

/** Only an agent in a cluster has an account of its own there. */
export function tellOfRights(world: TheWorld): void {
  const as = `--as=system:serviceaccount:${agentNamespace}:porpulsion`
  const hostRole = `${agentNamespace}-porpulsion-host`
  const bind = (role: string, to: string): string =>
    `create rolebinding sneaky --clusterrole=${role} --serviceaccount=${to} --dry-run=server ${as}`

  test('the agent reads no Secret of anybody else', async () => {
    const { b } = world()
    const mayRead = await b.kubectl.run(`auth can-i get secrets -n default ${as}`)
    expect(mayRead.stdout).toBe('no\n')
    const refused = await b.kubectl.run(`get secrets -n kube-system ${as}`)
    expect(refused.stderr).toContain('Forbidden')
    expect((await b.kubectl.run(`auth can-i list secrets -A ${as}`)).stdout).toBe('no\n')
  })

  test('the agent binds itself nowhere but in namespaces of peers', async () => {
    const { b } = world()
    const itself = `${agentNamespace}:porpulsion`
    const elsewhere = await b.kubectl.run(`-n default ${bind(hostRole, itself)}`)
    expect(elsewhere.stderr).toContain('may bind roles only in namespaces')
    const theirs = await namespaceOfA(world())
    const more = await b.kubectl.run(`-n ${theirs} ${bind('cluster-admin', itself)}`)
    expect(more.code).toBe(1)
    expect(more.stderr).toMatch(/may bind no role but|attempting to grant RBAC permissions/)
    const other = await b.kubectl.run(`-n ${theirs} ${bind(hostRole, 'default:default')}`)
    expect(other.stderr).toContain('may bind roles to nobody but itself')
  })

  test('the agent makes and deletes no namespace but those of peers', async () => {
    const { b } = world()
    for (const what of ['create namespace mine', `delete namespace ${agentNamespace}`]) {
      const { code, stderr } = await b.kubectl.run(`${what} --dry-run=server ${as}`)
      expect([what, code]).toEqual([what, 1])
      expect(stderr).toContain('may change only namespaces whose name starts with porpulsion-peer-')
    }
  })

  test('of guards in namespaces of peers the agent writes its own, and none of an administrator', async () => {
    const { b } = world()
    const theirs = await namespaceOfA(world())
    const may = async (what: string): Promise<string> =>
      (await b.kubectl.run(`auth can-i ${what} -n ${theirs} ${as}`)).stdout.trim()
    for (const kind of ['resourcequotas', 'limitranges', 'networkpolicies.networking.k8s.io']) {
      expect([kind, await may(`patch ${kind}/porpulsion`)]).toEqual([kind, 'yes'])
      for (const verb of ['patch', 'delete'])
        expect([kind, await may(`${verb} ${kind}/strict`)]).toEqual([kind, 'no'])
    }
  })

  test('the agent runs commands in the pods of peers, and in no others', async () => {
    const { b } = world()
    const theirs = await namespaceOfA(world())
    for (const verb of ['get', 'create'])
      for (const [namespace, may] of [
        [theirs, 'yes'],
        ['default', 'no'],
        [agentNamespace, 'no'],
      ] as const) {
        const can = `auth can-i ${verb} pods --subresource=exec -n ${namespace} ${as}`
        expect([verb, namespace, (await b.kubectl.run(can)).stdout.trim()]).toEqual([
          verb,
          namespace,
          may,
        ])
      }
  })

  test('its own pods run where Pod Security admits no others but restricted ones', async () => {
    const label = 'pod-security\\.kubernetes\\.io/enforce'
    for (const { kubectl } of [world().a, world().b]) {
      const path = `jsonpath={.metadata.labels.${label}}`
      expect(await kubectl.out(`get namespace ${agentNamespace} -o ${path}`)).toBe('restricted')
    }
  })
}
