/**
 * Who may import whom (ARCHITECTURE.md, "Boundaries"). `tools/boundaries.mjs` runs this over the packages and over
 * a fixture with known violations, so that a rule that stopped working is noticed.
 */
// The group is never absent but empty: dependency-cruiser counts only groups that matched, and $2 below must stay $2.
const P = '^(tools/boundaries-fixture/|)packages'
const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: P, pathNot: to },
})
const agent = `${P}/agent/src`

/** Feature → features it may reach (through their index.ts). Everything may reach observability and the ports in src/. */
const features = {
  observability: [],
  api: ['observability'],
  documents: ['observability'],
  cluster: ['api', 'observability'],
  access: ['api', 'documents', 'observability'],
  audit: ['api', 'documents', 'observability'],
  approvals: ['api', 'observability'],
  notifications: ['api', 'documents', 'observability'],
  settings: ['api', 'audit', 'documents', 'observability'],
  peers: ['api', 'settings', 'audit', 'notifications', 'access', 'documents', 'observability'],
  policy: ['api', 'settings', 'audit', 'notifications', 'access', 'documents', 'observability'],
  links: [
    'api',
    'peers',
    'settings',
    'audit',
    'notifications',
    'access',
    'documents',
    'observability',
  ],
  renewal: ['api', 'peers', 'links', 'audit', 'notifications', 'observability'],
  workloads: [
    'api',
    'policy',
    'links',
    'peers',
    'settings',
    'audit',
    'approvals',
    'notifications',
    'access',
    'documents',
    'observability',
  ],
  tunnels: [
    'api',
    'policy',
    'links',
    'peers',
    'settings',
    'audit',
    'approvals',
    'notifications',
    'access',
    'documents',
    'observability',
  ],
  exposures: ['audit', 'notifications', 'observability'],
  exec: [
    'api',
    'policy',
    'links',
    'peers',
    'settings',
    'audit',
    'notifications',
    'access',
    'documents',
    'observability',
  ],
  usage: [
    'api',
    'policy',
    'links',
    'peers',
    'settings',
    'audit',
    'notifications',
    'access',
    'documents',
    'observability',
  ],
  http: ['api', 'access', 'audit', 'documents', 'observability'],
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only(
      'protocol-stands-alone',
      `${P}/protocol/src`,
      `${P}/protocol/`,
      'protocol imports nothing',
    ),
    {
      name: 'protocol-no-dependencies',
      severity: 'error',
      from: { path: `${P}/protocol/src` },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional'] },
    },
    only('contract-stands-alone', `${P}/contract/src`, `${P}/contract/`),
    {
      name: 'contract-only-schemas',
      severity: 'error',
      from: { path: `${P}/contract/src` },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: 'node_modules/typebox/' },
    },
    only('kube-stands-alone', `${P}/kube/src`, `${P}/kube/`),
    only(
      'embedded-cluster-uses-kube',
      `${P}/embedded-cluster/src`,
      `${P}/(embedded-cluster|kube)/`,
    ),
    only('streams-layers', `${P}/streams/src`, `${P}/(streams|contract|protocol)/`),
    only('agent-layers', `${P}/agent/src`, `${P}/(agent|contract|kube|protocol|streams)/`),
    only(
      'cli-only-contract',
      `${P}/cli/src`,
      `${P}/(cli|contract|protocol|streams)/|${P}/(agent|embedded-cluster)/src/index\\.ts$`,
    ),
    only('dashboard-only-contract', `${P}/dashboard/src`, `${P}/(dashboard|contract)/`),
    {
      name: 'packages-through-index',
      severity: 'error',
      comment: 'a package is used through its index.ts',
      from: { path: `${P}/([^/]+)/` },
      to: { path: `${P}/([^/]+)/src/`, pathNot: [`${P}/$2/`, `${P}/[^/]+/src/index\\.ts$`] },
    },
    ...Object.entries(features).flatMap(([feature, allowed]) => [
      {
        name: `agent-${feature}-downward`,
        severity: 'error',
        from: { path: `${agent}/${feature}/` },
        to: {
          path: `${agent}/([^/]+)/`,
          pathNot: `${agent}/(${[feature, ...allowed].join('|')})/`,
        },
      },
    ]),
    {
      name: 'features-through-index',
      severity: 'error',
      from: { path: `${agent}/([^/]+)/` },
      to: { path: `${agent}/([^/]+)/`, pathNot: [`${agent}/$2/`, `${agent}/[^/]+/index\\.ts$`] },
    },
    {
      name: 'composition-root-on-top',
      severity: 'error',
      from: { path: `${agent}/[^/]+/` },
      to: { path: `${agent}/(agent|main|config)\\.ts$` },
    },
    {
      name: 'fastify-in-routes-only',
      severity: 'error',
      from: { path: agent, pathNot: `(-routes\\.ts$|${agent}/http/|${agent}/agent\\.ts$)` },
      to: { path: 'node_modules/@?fastify' },
    },
    {
      name: 'kube-in-stores-only',
      severity: 'error',
      comment: 'the API client only in kube-*-store.ts, controllers and the composition root',
      from: {
        path: agent,
        pathNot: `(observability/(clock|random)\\.ts$|/kube-[^/]+\\.ts$|-controller\\.ts$|${agent}/(agent|main)\\.ts$)`,
      },
      to: { path: `${P}/kube/` },
    },
    {
      name: 'ws-in-links-and-upgrades',
      severity: 'error',
      from: { path: agent, pathNot: `(${agent}/links/|${agent}/http/)` },
      to: { path: 'node_modules/ws/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|\\.test\\.tsx?$|/packages/[^/]+/test/|^packages/[^/]+/test/)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
}
