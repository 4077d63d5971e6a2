/** The chart, as helm renders it: what a cluster gets, what it is spared, and what helm refuses to install. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { customResourceDefinitions, PEER_NAMESPACE_PREFIX } from '@porpulsion/contract'
import { type EmbeddedCluster, startEmbeddedCluster } from '@porpulsion/embedded-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { chartDirectory, Helm, type Rendered, type Values } from './support/helm.ts'
import { Kubectl } from './support/kubectl.ts'
import { locateTool } from './support/locate-tool.ts'

const located = locateTool('helm')
const kubectlLocated = locateTool('kubectl')
const suffix = located.kind === 'missing' ? ` (skipped: ${located.reason})` : ''

type Tree = Readonly<Record<string, unknown>>

const agent = { agentName: 'home', selfUrl: 'https://porpulsion.example.com' }
const minimal: Values = { agent }
const apps = { ...agent, proxyDomain: 'apps.example.com' }

/** Everything the chart can make, at once. */
const everything: Values = {
  agent: {
    ...apps,
    allowedHosts: ['porpulsion.internal', '*.corp.example.com'],
    trustedProxies: ['10.0.0.0/8', '192.168.1.1'],
    logLevel: 'debug',
    httpsProxy: 'http://proxy.example.com:3128',
    httpProxy: 'http://proxy.example.com:3129',
    noProxy: '.svc',
    extraCa: { configMap: 'private-ca', key: 'ca.crt' },
    extraEnv: [{ name: 'TZ', value: 'UTC' }],
  },
  image: { digest: `sha256:${'a'.repeat(64)}`, pullSecrets: ['registry'] },
  serviceAccount: { annotations: { note: 'agent' } },
  service: { annotations: { note: 'internal' }, peerAnnotations: { note: 'peers' } },
  ingress: {
    enabled: true,
    controller: 'nginx',
    className: 'nginx',
    tls: [{ secretName: 'tls', hosts: ['porpulsion.example.com'] }],
    annotations: { 'cert-manager.io/cluster-issuer': 'ca' },
  },
  gateway: { enabled: true, parentRefs: [{ name: 'public', namespace: 'gateways' }] },
  appsIngress: {
    enabled: true,
    className: 'nginx',
    tls: [{ secretName: 'apps-tls', hosts: ['*.apps.example.com'] }],
  },
  networkPolicy: { enabled: true },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  podLabels: { team: 'platform' },
  podAnnotations: { note: 'pod' },
  podSecurityContext: { runAsUser: 1234, fsGroup: 1234, runAsNonRoot: false },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'edge', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
}

/** Each is rendered, parsed, and held to what must always be true. */
const variants: Readonly<Record<string, Values>> = {
  'the least one must say': minimal,
  'everything at once': everything,
  'namespaces made by an administrator': { agent, hosting: { namespaces: 'precreated' } },
  'outbound only': { agent: { agentName: 'home', outboundOnly: true } },
  'plain http, knowingly': {
    agent: { agentName: 'home', selfUrl: 'http://porpulsion:8001', allowInsecureUrl: true },
  },
  traefik: {
    agent: apps,
    ingress: { enabled: true, controller: 'traefik' },
    appsIngress: { enabled: true },
  },
  haproxy: {
    agent: apps,
    ingress: { enabled: true, controller: 'haproxy' },
    appsIngress: { enabled: true },
  },
  'an account of one’s own': { agent, serviceAccount: { create: false, name: 'mine' } },
  'as little as possible': {
    agent,
    crds: { install: false },
    podDisruptionBudget: { enabled: false },
    uninstall: { retire: false },
  },
}

describe.skipIf(located.kind === 'missing')(`the chart${suffix}`, () => {
  const helm = new Helm(located.kind === 'found' ? located.path : '')

  describe.each(Object.entries(variants))('with %s', (_name, values) => {
    let objects: Rendered[]
    beforeAll(async () => {
      objects = await helm.render(values)
    })

    test('passes helm lint --strict', async () => {
      const { code, stdout } = await helm.run(['lint', '--strict', chartDirectory], values)
      expect(code, stdout).toBe(0)
    })

    test('names no object twice', () => {
      const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      expect(keys).toEqual([...new Set(keys)])
    })

    test('puts everything into the namespace of the release', () => {
      for (const { kind, metadata } of objects.filter(({ kind }) => !clusterWide.has(kind)))
        expect(metadata.namespace, `${kind} ${metadata.name}`).toBe('agents')
    })

    test('grants no right with a wildcard', () => {
      const granted = rulesOf(objects).flatMap((rule) =>
        Object.values<readonly string[]>({ ...rule }).flat(),
      )
      expect(granted.length).toBeGreaterThan(0)
      expect(granted.filter((word) => word.includes('*'))).toEqual([])
    })

    test('grants no right to Secrets, nor to write workloads, in the whole cluster', () => {
      const everywhere = rulesOf(boundClusterRoles(objects))
      expect(everywhere.length).toBeGreaterThan(0)
      expect(everywhere.filter(({ resources }) => resources.includes('secrets'))).toEqual([])
      const writable = everywhere
        .filter(({ verbs }) => verbs.some((verb) => !readVerbs.has(verb)))
        .flatMap(({ resources }) => resources)
      const known = ['clusterroles', 'executingapps', 'namespaces', 'rolebindings']
      expect(writable.filter((resource) => !known.includes(resource))).toEqual([])
    })

    test('lets commands run in the pods of peers, and in no others', () => {
      const runs = (among: readonly Rendered[]) =>
        rulesOf(among).filter(({ resources }) => resources.includes('pods/exec'))
      expect(runs(objects).map(({ verbs }) => verbs)).toEqual([['get', 'create']])
      expect(runs(boundClusterRoles(objects))).toEqual([])
    })

    test('lets the agent write its own guards beside peers, and none of an administrator', () => {
      const guards = ['limitranges', 'networkpolicies', 'resourcequotas', 'serviceaccounts']
      const rules = rulesOf(objects).filter(({ resources }) =>
        resources.some((resource) => guards.includes(resource)),
      )
      expect(rules.flatMap(({ resources }) => resources).sort()).toEqual(guards)
      for (const { resources, resourceNames, verbs } of rules) {
        const isAccount = resources[0] === 'serviceaccounts'
        expect(resourceNames).toEqual([isAccount ? 'porpulsion-app' : 'porpulsion'])
        const known = ['create', 'patch', ...(resources[0] === 'limitranges' ? ['delete'] : [])]
        expect(verbs).toEqual(known)
      }
    })

    test('runs every pod at Pod Security level "restricted", with a read-only root', () => {
      const pods = podSpecs(objects)
      expect(pods.length).toBeGreaterThan(0)
      for (const pod of pods) {
        expect(pod['securityContext']).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        for (const container of list(pod['containers'])) {
          expect(container['securityContext']).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          })
        }
        for (const volume of list(pod['volumes'])) expect(volume).not.toHaveProperty('hostPath')
        for (const field of ['hostNetwork', 'hostPID', 'hostIPC'])
          expect(pod).not.toHaveProperty(field)
      }
    })

    test('shows the outside nothing but /peer and /ws, at port 8001', () => {
      for (const { host, path, pathType, service } of ingressPaths(objects)) {
        if (host === '*.apps.example.com') continue
        expect(['/peer', '/ws']).toContain(path)
        expect(pathType).toBe('Exact')
        expect(service).toEqual({ name: 'porpulsion-peer', port: { name: 'peer' } })
      }
      for (const route of ofKind(objects, 'HTTPRoute')) {
        expect(routePaths(route)).toEqual([
          { type: 'Exact', value: '/peer', backend: 'porpulsion-peer:8001' },
          { type: 'Exact', value: '/ws', backend: 'porpulsion-peer:8001' },
        ])
      }
    })

    test('lets only the wildcard of app origins reach port 8000', () => {
      const internal = ingressPaths(objects).filter(
        ({ service }) => service['name'] === 'porpulsion',
      )
      for (const { host } of internal) expect(host).toBe('*.apps.example.com')
    })

    test('makes no Service that is reachable from outside', () => {
      const types = ofKind(objects, 'Service').map(({ spec }) => tree(spec)['type'])
      expect(types).toEqual(['ClusterIP', 'ClusterIP'])
    })
  })

  describe('the agent', () => {
    test('gets what it is told through its environment', async () => {
      const environment = environmentOf(await helm.render(everything))
      expect(environment).toEqual({
        PORPULSION_AGENT_NAME: 'home',
        PORPULSION_SELF_URL: 'https://porpulsion.example.com',
        PORPULSION_NAMESPACE: { fieldRef: { fieldPath: 'metadata.namespace' } },
        PORPULSION_ALLOWED_HOSTS: [
          'porpulsion',
          'porpulsion.agents',
          'porpulsion.agents.svc',
          'porpulsion.agents.svc.cluster.local',
          'porpulsion.internal',
          '*.corp.example.com',
        ].join(','),
        PORPULSION_PROXY_DOMAIN: 'apps.example.com',
        PORPULSION_TRUSTED_PROXIES: '10.0.0.0/8,192.168.1.1',
        PORPULSION_LOG_LEVEL: 'debug',
        PORPULSION_HOSTING_NAMESPACES: 'managed',
        PORPULSION_HOST_ROLE: 'agents-porpulsion-host',
        PORPULSION_SERVICE_ACCOUNT: 'porpulsion',
        PORPULSION_EXPOSE_PORTS: '20000-20255',
        PORPULSION_EXPOSE_SELECTOR:
          'app.kubernetes.io/component=agent,app.kubernetes.io/instance=porpulsion,app.kubernetes.io/name=porpulsion',
        HTTPS_PROXY: 'http://proxy.example.com:3128',
        HTTP_PROXY: 'http://proxy.example.com:3129',
        NO_PROXY: '.svc',
        NODE_EXTRA_CA_CERTS: '/etc/porpulsion/ca/extra-ca.pem',
        TZ: 'UTC',
      })
    })

    test('without a URL of its own is told none', async () => {
      const objects = await helm.render({ agent: { agentName: 'home', outboundOnly: true } })
      expect(environmentOf(objects)).not.toHaveProperty('PORPULSION_SELF_URL')
    })

    test('is one pod, never two at once, with probes on port 8000', async () => {
      const spec = tree(theDeployment(await helm.render(minimal)).spec)
      expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
      const [container] = list(podOf(spec)['containers'])
      expect(container).toMatchObject({
        image: 'ghcr.io/porpulsion/porpulsion:0.1.0',
        args: ['agent', '--in-cluster'],
        ports: [
          { name: 'dashboard', containerPort: 8000 },
          { name: 'peer', containerPort: 8001 },
        ],
        livenessProbe: { httpGet: { path: '/healthz', port: 'dashboard' } },
        readinessProbe: { httpGet: { path: '/readyz', port: 'dashboard' } },
      })
    })

    test('starts anew when its rights or the definitions change, and not for anything else', async () => {
      const checksums = async (values: Values): Promise<unknown[]> => {
        const { template } = tree(theDeployment(await helm.render(values)).spec)
        const { annotations } = tree(tree(template)['metadata'])
        return ['checksum/rights', 'checksum/definitions'].map((key) => tree(annotations)[key])
      }
      const [rights, definitions] = await checksums(minimal)
      expect([rights, definitions]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ])
      const fewer = { agent, hosting: { namespaces: 'precreated' } }
      expect((await checksums(fewer))[0]).not.toBe(rights)
      expect((await checksums({ agent, crds: { install: false } }))[1]).not.toBe(definitions)
      expect(await checksums({ agent, networkPolicy: { enabled: true } })).toEqual([
        rights,
        definitions,
      ])
    })

    test('is the only pod its Services, budget and policy choose', async () => {
      const objects = await helm.render(everything)
      const labels = podLabels(objects)
      const selectors = [
        ...ofKind(objects, 'Service').map(({ spec }) => tree(tree(spec)['selector'])),
        ...['PodDisruptionBudget', 'NetworkPolicy', 'Deployment'].flatMap((kind) =>
          ofKind(objects, kind).map(({ spec }) => {
            const { selector, podSelector } = tree(spec)
            return tree(tree(selector ?? podSelector)['matchLabels'])
          }),
        ),
      ]
      expect(selectors).toHaveLength(5)
      for (const selector of selectors) {
        const chosen = labels.filter(([, have]) =>
          Object.entries(selector).every(([key, value]) => have[key] === value),
        )
        expect(chosen.map(([kind]) => kind)).toEqual(['Deployment'])
      }
    })
  })

  describe('exposed ports', () => {
    test('are led to by Services that choose the pod of the agent’s own Services', async () => {
      const objects = await helm.render(minimal)
      const selector = String(environmentOf(objects)['PORPULSION_EXPOSE_SELECTOR'])
      const own = ofKind(objects, 'Service').map(({ spec }) => tree(spec)['selector'])
      const chosen: unknown = Object.fromEntries(selector.split(',').map((pair) => pair.split('=')))
      expect(own).toEqual([chosen, chosen])
    })

    test('are admitted by the network policy, for pods of the cluster or those that are named', async () => {
      const rule = async (values: Values): Promise<unknown> => {
        const [policy] = ofKind(await helm.render({ agent, ...values }), 'NetworkPolicy')
        return list(tree(policy?.spec)['ingress']).at(-1)
      }
      const exposures = { firstPort: 30_000, lastPort: 30_009 }
      const ports = [{ port: 30_000, endPort: 30_009 }]
      expect(await rule({ exposures, networkPolicy: { enabled: true } })).toEqual({
        ports,
        from: [{ namespaceSelector: {} }],
      })
      const exposedFrom = [{ podSelector: { matchLabels: { db: 'client' } } }]
      expect(await rule({ exposures, networkPolicy: { enabled: true, exposedFrom } })).toEqual({
        ports,
        from: exposedFrom,
      })
    })

    test('take no right beyond Services of the release’s namespace', async () => {
      const objects = await helm.render(minimal)
      const writers = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
      const byRole = writers.flatMap((role) =>
        rulesOf([role])
          .filter(({ resources }) => resources.some((one) => /service|endpoint/.test(one)))
          .filter(({ resources }) => !resources.includes('serviceaccounts'))
          .map(({ resources, verbs }) => [
            `${role.kind} ${role.metadata.name}`,
            resources.filter((one) => /service|endpoint/.test(one)).join(),
            verbs.filter((verb) => !readVerbs.has(verb)).join(),
          ]),
      )
      expect(byRole).toEqual(
        expect.arrayContaining([
          ['ClusterRole agents-porpulsion-agent', 'services', ''],
          ['Role porpulsion-agent', 'services', 'create,update,delete'],
          ['Role porpulsion-retire', 'services', 'delete'],
        ]),
      )
      // The fourth is for the namespaces of peers.
      expect(byRole).toHaveLength(4)
    })
  })

  describe('rights', () => {
    test('to what runs for a peer are in a role that nothing binds cluster-wide', async () => {
      const objects = await helm.render(minimal)
      expect(ofKind(objects, 'ClusterRole').map(({ metadata }) => metadata.name)).toEqual(
        expect.arrayContaining(['agents-porpulsion-agent', 'agents-porpulsion-host']),
      )
      const bound = ofKind(objects, 'ClusterRoleBinding').map(
        ({ roleRef }) => tree(roleRef)['name'],
      )
      expect(bound.sort()).toEqual(['agents-porpulsion-agent', 'agents-porpulsion-retire'])
      for (const { roleRef } of ofKind(objects, 'RoleBinding')) {
        expect(roleRef).toMatchObject({ kind: 'Role' })
      }
    })

    test('to hand out roles end at that one role', async () => {
      const objects = await helm.render(minimal)
      const binding = rulesOf(objects).filter(({ verbs }) => verbs.includes('bind'))
      expect(binding).toEqual([
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles'],
          resourceNames: ['agents-porpulsion-host'],
          verbs: ['bind'],
        },
      ])
      expect(rulesOf(objects).flatMap(({ verbs }) => verbs)).not.toContain('escalate')
      expect(rulesOf(objects).flatMap(({ verbs }) => verbs)).not.toContain('impersonate')
    })

    test('on namespaces and role bindings come with the policy that holds the agent to peers', async () => {
      const objects = await helm.render(minimal)
      const policies = ofKind(objects, 'ValidatingAdmissionPolicy')
      const bindings = ofKind(objects, 'ValidatingAdmissionPolicyBinding')
      expect(bindings.map(({ spec }) => spec)).toEqual(
        policies.map(({ metadata }) => ({
          policyName: metadata.name,
          validationActions: ['Deny'],
        })),
      )
      expect(policies).toHaveLength(2)
      for (const { spec } of policies) {
        expect(spec).toMatchObject({ failurePolicy: 'Fail' })
        const [condition] = list(tree(spec)['matchConditions'])
        expect(condition?.['expression']).toBe(
          "request.userInfo.username == 'system:serviceaccount:agents:porpulsion'",
        )
        expect(JSON.stringify(tree(spec)['validations'])).toContain(
          `startsWith('${PEER_NAMESPACE_PREFIX}')`,
        )
      }
    })

    test('on namespaces and role bindings do not exist where an administrator makes the namespaces', async () => {
      const objects = await helm.render({ agent, hosting: { namespaces: 'precreated' } })
      expect(ofKind(objects, 'ValidatingAdmissionPolicy')).toEqual([])
      expect(ofKind(objects, 'ValidatingAdmissionPolicyBinding')).toEqual([])
      const rules = rulesOf(objects)
      expect(rules.flatMap(({ resources }) => resources)).not.toContain('rolebindings')
      expect(rules.flatMap(({ verbs }) => verbs)).not.toContain('bind')
      expect(
        rules.filter(({ resources }) => resources.includes('namespaces')).map(({ verbs }) => verbs),
      ).toEqual([['get', 'list', 'watch']])
    })
  })

  describe('the way in', () => {
    test('may be a port of the nodes or a load balancer, for peers alone', async () => {
      const shown = async (service: Values): Promise<unknown[]> =>
        ofKind(await helm.render({ agent, service }), 'Service').map(({ metadata, spec }) => {
          const [port] = list(tree(spec)['ports'])
          return [metadata.name, tree(spec)['type'], port?.['nodePort']]
        })
      const page = ['porpulsion', 'ClusterIP', undefined]
      expect(await shown({ peerType: 'NodePort', peerNodePort: 30_801 })).toEqual([
        page,
        ['porpulsion-peer', 'NodePort', 30_801],
      ])
      expect(await shown({ peerType: 'LoadBalancer' })).toEqual([
        page,
        ['porpulsion-peer', 'LoadBalancer', undefined],
      ])
    })

    test('is the host of the agent’s URL, unless another is named', async () => {
      const values = {
        agent: { ...agent, selfUrl: 'https://p.example.com:8443/' },
        ingress: { enabled: true },
      }
      const hosts = async (own: Values): Promise<unknown[]> =>
        ingressPaths(await helm.render(own)).map(({ host, path }) => `${host}${path}`)
      expect(await hosts(values)).toEqual(['p.example.com/peer', 'p.example.com/ws'])
      const named = { ...values, ingress: { enabled: true, host: 'other.example.com' } }
      expect(await hosts(named)).toEqual(['other.example.com/peer', 'other.example.com/ws'])
    })

    test.each([
      ['nginx', { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' }],
      ['haproxy', { 'haproxy-ingress.github.io/timeout-tunnel': '1h' }],
      ['traefik', { 'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure' }],
    ])(
      'lets WebSockets live behind %s, and the user’s annotations win',
      async (controller, expected) => {
        const [key = ''] = Object.keys(expected)
        const tls = [{ secretName: 'tls', hosts: ['porpulsion.example.com'] }]
        const annotations = async (own: Values): Promise<unknown> => {
          const ingress = { enabled: true, controller, tls, annotations: own }
          return ofKind(await helm.render({ agent, ingress }), 'Ingress')[0]?.metadata.annotations
        }
        expect(await annotations({})).toMatchObject(expected)
        expect(await annotations({ [key]: 'mine' })).toMatchObject({ [key]: 'mine' })
      },
    )

    test('has no time limit on the WebSocket at a Gateway', async () => {
      const [route] = ofKind(await helm.render(everything), 'HTTPRoute')
      expect(list(tree(route?.spec)['rules'])[1]).toMatchObject({ timeouts: { request: '0s' } })
    })
  })

  describe('definitions', () => {
    test('are upgraded with the chart and stay when it goes', async () => {
      const definitions = ofKind(await helm.render(minimal), 'CustomResourceDefinition')
      expect(definitions.map(({ spec }) => spec)).toEqual(
        byName(customResourceDefinitions()).map(({ spec }) => plain(spec)),
      )
      for (const { metadata } of definitions)
        expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' })
    })

    test('are the only thing that stays by Helm’s doing', async () => {
      const kept = (await helm.render(everything)).filter(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] !== undefined,
      )
      expect(new Set(kept.map(({ kind }) => kind))).toEqual(new Set(['CustomResourceDefinition']))
    })

    test('are left out when somebody else installs them', async () => {
      const objects = await helm.render({ agent, crds: { install: false } })
      expect(ofKind(objects, 'CustomResourceDefinition')).toEqual([])
    })
  })

  describe('uninstalling', () => {
    test('retires the agent first, with an account that exists for nothing else', async () => {
      const hooks = (await helm.render(minimal)).filter(
        ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'pre-delete',
      )
      expect(hooks.map(({ kind }) => kind).sort()).toEqual([
        'ClusterRole',
        'ClusterRoleBinding',
        'Job',
        'Role',
        'RoleBinding',
        'ServiceAccount',
      ])
      for (const { metadata } of hooks) {
        expect(metadata.annotations?.['helm.sh/hook-delete-policy']).toBe(
          'before-hook-creation,hook-succeeded',
        )
      }
      const weight = (kind: string): number =>
        Number(
          hooks.find((hook) => hook.kind === kind)?.metadata.annotations?.['helm.sh/hook-weight'],
        )
      expect(weight('Role')).toBeLessThan(weight('RoleBinding'))
      expect(weight('RoleBinding')).toBeLessThan(weight('Job'))
      const [container] = podSpecs(hooks).flatMap((pod) => list(pod['containers']))
      expect(container?.['args']).toEqual([
        ...['agent', 'retire', '--in-cluster', '--deployment', 'porpulsion'],
      ])
    })

    test('reads no Secret and scales no Deployment but the agent’s', async () => {
      const hooks = (await helm.render(minimal)).filter(({ metadata }) =>
        metadata.name.endsWith('-retire'),
      )
      const rules = rulesOf(hooks)
      expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets')
      expect(
        rules.find(({ resources }) => resources.includes('deployments'))?.resourceNames,
      ).toEqual(['porpulsion'])
    })
  })

  test('`helm test` asks the agent whether it is ready, by its name in the cluster', async () => {
    const [pod] = ofKind(await helm.render(minimal), 'Pod')
    expect(pod?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'test' })
    const [container] = list(tree(pod?.spec)['containers'])
    expect(container?.['command']).toContain('http://porpulsion.agents.svc:8000/readyz')
  })

  test('two releases in one cluster share no name outside their namespaces', async () => {
    const names = async (namespace: string): Promise<string[]> => {
      const objects = await helm.render({ agent, crds: { install: false } }, [
        '--namespace',
        namespace,
      ])
      return objects
        .filter(({ kind }) => clusterWide.has(kind))
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    }
    const [one, other] = [await names('one'), await names('other')]
    expect(one.length).toBeGreaterThan(0)
    expect(one.filter((name) => other.includes(name))).toEqual([])
  })

  describe('helm refuses', () => {
    test.each<[string, Values, string]>([
      [
        'an agent without a name',
        { agent: { selfUrl: agent.selfUrl } },
        '--set agent.agentName=home',
      ],
      [
        'a name that is no DNS label',
        { agent: { ...agent, agentName: 'My Home' } },
        'is not a DNS label',
      ],
      [
        'an agent nobody can reach',
        { agent: { agentName: 'home' } },
        '--set agent.outboundOnly=true',
      ],
      [
        'plain http',
        { agent: { ...agent, selfUrl: 'http://porpulsion.example.com' } },
        'agent.allowInsecureUrl=true',
      ],
      [
        'a URL with a path',
        { agent: { ...agent, selfUrl: 'https://a.example.com/x' } },
        'without path',
      ],
      ['another scheme', { agent: { ...agent, selfUrl: 'ftp://a.example.com' } }, 'without path'],
      ['a URL and outboundOnly', { agent: { ...agent, outboundOnly: true } }, 'exclude each other'],
      [
        'an Ingress nobody will use',
        { agent: { agentName: 'home', outboundOnly: true }, ingress: { enabled: true } },
        'exclude each other',
      ],
      [
        'a route without a Gateway',
        { agent, gateway: { enabled: true } },
        'gateway.parentRefs is empty',
      ],
      [
        'a port of the nodes for a Service that has none',
        { agent, service: { peerNodePort: 30_801 } },
        'service.peerType NodePort',
      ],
      [
        'a range of exposed ports without a port',
        { agent, exposures: { firstPort: 20_000, lastPort: 19_999 } },
        'exposures.lastPort 19999 is below',
      ],
      ['app origins at localhost', { agent, appsIngress: { enabled: true } }, 'agent.proxyDomain'],
      [
        'the page below the domain of app origins',
        {
          agent: { ...apps, allowedHosts: ['page.apps.example.com'] },
          appsIngress: { enabled: true },
        },
        'beside foreign pages',
      ],
      [
        'the page under a wildcard that holds the domain of app origins',
        { agent: { ...apps, allowedHosts: ['*.example.com'] }, appsIngress: { enabled: true } },
        'beside foreign pages',
      ],
      [
        'no account at all',
        { agent, serviceAccount: { create: false } },
        'set serviceAccount.name',
      ],
      ['a value nobody reads', { agent: { ...agent, selfURL: 'x' } }, 'selfURL'],
      ['a section nobody reads', { agent, ingres: {} }, 'ingres'],
      ['an unknown way to host', { agent, hosting: { namespaces: 'any' } }, '/hosting/namespaces'],
    ])('%s', async (_name, values, message) => {
      expect(await helm.refusal(values)).toContain(message)
    })

    test('a namespace that belongs to a peer', async () => {
      const args = ['template', 'porpulsion', chartDirectory, '--namespace', 'porpulsion-peer-x']
      expect((await helm.run(args, minimal)).stderr).toContain('belong to peers')
    })
  })

  test('the schema and values.yaml list the same values', async () => {
    const schema = JSON.parse(
      await readFile(join(chartDirectory, 'values.schema.json'), 'utf8'),
    ) as Tree
    const values = parse(await readFile(join(chartDirectory, 'values.yaml'), 'utf8')) as Tree
    expect(declaredPaths(schema).filter((path) => path !== 'global')).toEqual(
      valuePaths(schema, values),
    )
  })

  describe.skipIf(kubectlLocated.kind === 'missing')('a cluster', () => {
    let dir: string
    let cluster: EmbeddedCluster
    let kubectl: Kubectl

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'porpulsion-chart-'))
      cluster = await startEmbeddedCluster({ name: 'chart' })
      const kubeconfig = join(dir, 'kubeconfig')
      await writeFile(kubeconfig, cluster.kubeconfig())
      if (kubectlLocated.kind === 'found') kubectl = new Kubectl(kubectlLocated.path, kubeconfig)
      await kubectl.out('create namespace agents')
    })
    afterAll(async () => {
      await cluster.stop()
      await rm(dir, { recursive: true, force: true })
    })

    test('takes everything whose kind it knows, with strict validation', async () => {
      // The embedded cluster has no Jobs.
      const unknown = new Set(['Job', 'HTTPRoute', 'ServiceMonitor'])
      const objects = (await helm.render(everything)).filter(({ kind }) => !unknown.has(kind))
      const out = await kubectl.out('apply --dry-run=server --validate=strict -f -', {
        stdin: asList(objects),
      })
      expect(out.trim().split('\n')).toHaveLength(objects.length)
    })

    test('gives the agent the rights of its role, and no other', async () => {
      const kinds = new Set([
        'CustomResourceDefinition',
        'ClusterRole',
        'ClusterRoleBinding',
        'Role',
        'RoleBinding',
        'ServiceAccount',
      ])
      const objects = (await helm.render(minimal)).filter(({ kind }) => kinds.has(kind))
      await kubectl.out('apply -f -', { stdin: asList(objects) })
      await kubectl.out(
        'wait --for=condition=Established crd/executingapps.porpulsion.io --timeout=10s',
      )
      const may = async (what: string): Promise<boolean> => {
        const as = '--as=system:serviceaccount:agents:porpulsion'
        return (await kubectl.run(`auth can-i ${what} ${as}`)).stdout.trim() === 'yes'
      }
      for (const allowed of [
        'get secrets -n agents',
        'watch executingapps.porpulsion.io -A',
        'create namespaces',
        'create rolebindings -n anywhere',
        'create services -n agents',
      ])
        expect([allowed, await may(allowed)]).toEqual([allowed, true])
      for (const refused of [
        'get secrets -n default',
        'list secrets -A',
        'create pods -n agents',
        'create deployments -n agents',
        'delete deployments -n default',
        'create clusterrolebindings',
        'create roles -n agents',
        'create customresourcedefinitions',
        'create serviceaccounts/token -n agents',
        'create services -n default',
        'update endpointslices.discovery.k8s.io -n agents',
        'update endpoints -n agents',
        'get nodes',
      ])
        expect([refused, await may(refused)]).toEqual([refused, false])
    })
  })
})

const clusterWide = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
])
const readVerbs = new Set(['get', 'list', 'watch'])

/** As JSON: kubectl reads YAML 1.1, where `off` is no text. */
const asList = (items: readonly Rendered[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** Only what the tests below look at; a field that is not there makes its assertion fail. */
const tree = (value: unknown): Tree => (value ?? {}) as Tree
const list = (value: unknown): readonly Tree[] => (value ?? []) as readonly Tree[]
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

const ofKind = (objects: readonly Rendered[], kind: string): Rendered[] =>
  objects.filter((object) => object.kind === kind)

const byName = <T extends { readonly metadata: { readonly name: string } }>(
  items: readonly T[],
): T[] => [...items].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))

const rulesOf = (objects: readonly Rendered[]): Rule[] =>
  objects.flatMap(({ kind, rules }) =>
    kind === 'Role' || kind === 'ClusterRole' ? (rules as readonly Rule[]) : [],
  )

function boundClusterRoles(objects: readonly Rendered[]): Rendered[] {
  const bound = ofKind(objects, 'ClusterRoleBinding').map(({ roleRef }) => tree(roleRef)['name'])
  return ofKind(objects, 'ClusterRole').filter(({ metadata }) => bound.includes(metadata.name))
}

const podOf = (spec: unknown): Tree => tree(tree(tree(spec)['template'])['spec'])

const podSpecs = (objects: readonly Rendered[]): Tree[] => [
  ...ofKind(objects, 'Pod').map(({ spec }) => tree(spec)),
  ...['Deployment', 'Job'].flatMap((kind) => ofKind(objects, kind).map(({ spec }) => podOf(spec))),
]

/** Labels of all pods, each with the kind it is made by. */
const podLabels = (objects: readonly Rendered[]): [string, Tree][] => [
  ...ofKind(objects, 'Pod').map(({ metadata }): [string, Tree] => ['Pod', metadata.labels ?? {}]),
  ...['Deployment', 'Job'].flatMap((kind) =>
    ofKind(objects, kind).map(({ spec }): [string, Tree] => {
      const { metadata } = tree(tree(spec)['template'])
      return [kind, tree(tree(metadata)['labels'])]
    }),
  ),
]

function theDeployment(objects: readonly Rendered[]): Rendered {
  const [deployment, ...more] = ofKind(objects, 'Deployment')
  if (deployment === undefined || more.length > 0) throw new Error('there is not one Deployment')
  return deployment
}

function environmentOf(objects: readonly Rendered[]): Tree {
  const [container] = list(podOf(theDeployment(objects).spec)['containers'])
  return Object.fromEntries(
    list(container?.['env']).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  ) as Tree
}

interface IngressPath {
  readonly host: string
  readonly path: string
  readonly pathType: string
  readonly service: Tree
}

const ingressPaths = (objects: readonly Rendered[]): IngressPath[] =>
  ofKind(objects, 'Ingress').flatMap(({ spec }) =>
    list(tree(spec)['rules']).flatMap(({ host, http }) =>
      list(tree(http)['paths']).map(({ path, pathType, backend }) => ({
        host: String(host),
        path: String(path),
        pathType: String(pathType),
        service: tree(tree(backend)['service']),
      })),
    ),
  )

const routePaths = ({ spec }: Rendered): unknown[] =>
  list(tree(spec)['rules']).flatMap(({ matches, backendRefs }) =>
    list(matches).map(({ path }) => ({
      ...tree(path),
      backend: list(backendRefs)
        .map(({ name, port }) => `${String(name)}:${String(port)}`)
        .join(),
    })),
  )

/** `agent.selfUrl`, …: every value the schema knows, sections opened. */
function declaredPaths(schema: Tree, path = ''): string[] {
  if (schema['properties'] === undefined) return [path]
  return Object.entries(tree(schema['properties']))
    .flatMap(([name, child]) => declaredPaths(tree(child), path === '' ? name : `${path}.${name}`))
    .sort()
}

/** The same of values.yaml, opened where the schema opens. */
function valuePaths(schema: Tree, values: unknown, path = ''): string[] {
  if (schema['properties'] === undefined) return [path]
  return Object.entries(tree(values))
    .flatMap(([name, value]) =>
      valuePaths(
        tree(tree(schema['properties'])[name]),
        value,
        path === '' ? name : `${path}.${name}`,
      ),
    )
    .sort()
}
