import { appLimits } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { appSpecErrors, type CheckedSpec } from './app-spec-errors.ts'

const anApp = (spec: Partial<CheckedSpec>): CheckedSpec => ({ image: 'porpulsion/hello', ...spec })
const paths = (spec: Partial<CheckedSpec>): string[] =>
  appSpecErrors(anApp(spec)).map(({ path }) => path)

test('an app that uses every field is sound', () => {
  expect(
    appSpecErrors(
      anApp({
        replicas: 2,
        command: ['/bin/app'],
        args: ['-v'],
        env: [
          { name: 'A', value: '' },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a.yaml' } } },
          { name: 'C', valueFrom: { secretKeyRef: { name: 'keys', key: 'bin' } } },
          { name: 'D', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'E', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
        ],
        ports: [
          { port: 80 },
          { port: 81, name: 'admin' },
          { port: 80, protocol: 'UDP', name: 'udp' },
        ],
        resources: {
          requests: { cpu: '100m', 'nvidia.com/gpu': '1' },
          limits: { cpu: '1', memory: '1Gi' },
        },
        readinessProbe: { httpGet: { port: 80, path: '/ready' }, successThreshold: 2 },
        livenessProbe: { tcpSocket: { port: 80 } },
        startupProbe: { exec: { command: ['true'] } },
        configMaps: [{ name: 'conf', mountPath: '/etc/conf', data: { 'a.yaml': 'x' } }],
        secrets: [
          { name: 'keys', mountPath: '/etc/keys', data: { key: 'x' }, binaryData: { bin: 'AAE=' } },
          { name: 'shared', mountPath: '/etc/shared', fromSecret: 'database' },
        ],
        securityContext: { runAsNonRoot: true, runAsUser: 1000 },
        initContainers: [
          {
            name: 'fetch',
            image: 'busybox',
            env: [{ name: 'C', valueFrom: { secretKeyRef: { name: 'shared', key: 'any' } } }],
            resources: { limits: { cpu: '1' } },
          },
        ],
        pvcs: [{ name: 'data', mountPath: '/data', storage: '1Gi', retain: true }],
        emptyDirs: [{ name: 'tmp', mountPath: '/tmp', sizeLimit: '10Mi' }],
        imagePullSecrets: [{ name: 'registry' }],
        labels: { tier: 'web', 'example.com/team': 'x', 'app.kubernetes.io/name': 'my-web' },
        annotations: { note: 'any text at all' },
      }),
    ),
  ).toEqual([])
})

test.each<[string, Partial<CheckedSpec>]>([
  ['spec.image', { image: 'Not An Image' }],
  ['spec.initContainers[0].image', { initContainers: [{ name: 'i', image: 'Not An Image' }] }],
  ['spec.initContainers[0].name', { initContainers: [{ name: 'app', image: 'x' }] }],
  [
    'spec.initContainers[1].name',
    {
      initContainers: [
        { name: 'i', image: 'x' },
        { name: 'i', image: 'x' },
      ],
    },
  ],
  [
    'spec.initContainers[0].env[0]',
    { initContainers: [{ name: 'i', image: 'x', env: [{ name: 'A' }] }] },
  ],
  [
    'spec.initContainers[0].resources.requests.cpu',
    {
      initContainers: [
        { name: 'i', image: 'x', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
      ],
    },
  ],
  [
    'spec.emptyDirs[0].mountPath',
    {
      pvcs: [{ name: 'data', mountPath: '/data', storage: '1Gi' }],
      emptyDirs: [{ name: 'data', mountPath: '/data/' }],
    },
  ],
  ['spec.pvcs[0].storage', { pvcs: [{ name: 'data', mountPath: '/data', storage: '0' }] }],
  [
    'spec.pvcs[0].accessMode',
    {
      replicas: 2,
      pvcs: [{ name: 'd', mountPath: '/d', storage: '1Gi', accessMode: 'ReadWriteOncePod' }],
    },
  ],
  ['spec.imagePullSecrets[1]', { imagePullSecrets: ['registry', 'registry'] }],
  [
    'spec.secrets[0]',
    { secrets: [{ name: 's', mountPath: '/s', fromSecret: 'x', data: { a: 'b' } }] },
  ],
  [
    'spec.env[1].name',
    {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
  ],
  ['spec.env[0]', { env: [{ name: 'A' }] }],
  [
    'spec.env[0]',
    { env: [{ name: 'A', value: '', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
  ],
  ['spec.env[0].valueFrom', { env: [{ name: 'A', valueFrom: {} }] }],
  [
    'spec.env[0].valueFrom.configMapKeyRef.name',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'other', key: 'k' } } }] },
  ],
  [
    'spec.env[0].valueFrom.secretKeyRef.key',
    {
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      secrets: [{ name: 's', mountPath: '/s', data: { other: '' } }],
    },
  ],
  [
    'spec.env[0].valueFrom.fieldRef.fieldPath',
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] },
  ],
  ['spec.ports[1].port', { ports: [{ port: 80 }, { port: 80, name: 'again' }] }],
  ['spec.ports[1].name', { ports: [{ port: 80 }, { port: 81, name: 'port-80' }] }],
  ['spec.ports[0].name', { ports: [{ port: 80, name: '80' }] }],
  [
    'spec.resources.requests.cpu',
    { resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } },
  ],
  ['spec.resources.limits.cpus', { resources: { limits: { cpus: '2' } } }],
  ['spec.readinessProbe', { readinessProbe: {} }],
  ['spec.livenessProbe', { livenessProbe: { tcpSocket: { port: 1 }, exec: { command: ['x'] } } }],
  [
    'spec.startupProbe.successThreshold',
    { startupProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
  ],
  ['spec.readinessProbe.httpGet.path', { readinessProbe: { httpGet: { port: 1, path: 'ready' } } }],
  [
    'spec.configMaps[1].name',
    {
      configMaps: [
        { name: 'c', mountPath: '/a' },
        { name: 'c', mountPath: '/b' },
      ],
    },
  ],
  [
    'spec.secrets[0].mountPath',
    { configMaps: [{ name: 'c', mountPath: '/a' }], secrets: [{ name: 's', mountPath: '/a/' }] },
  ],
  ['spec.configMaps[0].mountPath', { configMaps: [{ name: 'c', mountPath: '/etc/../..' }] }],
  ['spec.configMaps[0].mountPath', { configMaps: [{ name: 'c', mountPath: '//' }] }],
  [
    'spec.configMaps[0].data.a/b',
    { configMaps: [{ name: 'c', mountPath: '/a', data: { 'a/b': '' } }] },
  ],
  [
    'spec.secrets[0].binaryData.k',
    { secrets: [{ name: 's', mountPath: '/s', binaryData: { k: 'not base64' } }] },
  ],
  [
    'spec.secrets[0].binaryData.k',
    { secrets: [{ name: 's', mountPath: '/s', data: { k: '' }, binaryData: { k: '' } }] },
  ],
  ['spec.securityContext.runAsUser', { securityContext: { runAsNonRoot: true, runAsUser: 0 } }],
  ['spec.labels.porpulsion.io/app', { labels: { 'porpulsion.io/app': 'x' } }],
  ['spec.labels.app.kubernetes.io/managed-by', { labels: { 'app.kubernetes.io/managed-by': 'x' } }],
  ['spec.labels.topology.kubernetes.io/zone', { labels: { 'topology.kubernetes.io/zone': 'x' } }],
  ['spec.labels.pod-template-hash', { labels: { 'pod-template-hash': 'x' } }],
  ['spec.labels.tier', { labels: { tier: 'no spaces' } }],
  ['spec.labels.-x', { labels: { '-x': 'y' } }],
  [
    'spec.annotations.container.apparmor.security.beta.kubernetes.io/app',
    { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' } },
  ],
])('%s is named when it is wrong', (path, spec) => {
  expect(paths(spec)).toEqual([path])
})

test('a message names what there is and how to mend it', () => {
  const spec = anApp({
    env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'b' } } }],
    configMaps: [{ name: 'conf', mountPath: '/c', data: { a: '' } }],
  })
  expect(appSpecErrors(spec)).toEqual([
    {
      path: 'spec.env[0].valueFrom.configMapKeyRef.key',
      message: 'is no key of "conf" (there are "a")',
    },
  ])
})

test('an app that is too large as a whole names its largest field', () => {
  const data = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`f${index}`, 'x'.repeat(appLimits.maxValueBytes)]),
  )
  expect(paths({ configMaps: [{ name: 'c', mountPath: '/c', data }] })).toEqual(['spec.configMaps'])
})

test('no value of a secret is ever repeated in a message', () => {
  const spec = anApp({
    secrets: [
      {
        name: 's',
        mountPath: '/..',
        data: { 'a/b': 'hunter2' },
        binaryData: { 'a/b': 'hunter2!' },
      },
      { name: 's', mountPath: '/s', data: { k: 'hunter2' } },
    ],
  })
  expect(JSON.stringify(appSpecErrors(spec))).not.toContain('hunter2')
})
