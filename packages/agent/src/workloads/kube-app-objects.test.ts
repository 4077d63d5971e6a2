import { GROUP_VERSION, Label, type AppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import type { SecurityLevel } from '../policy/index.ts'
import { appObjects } from './kube-app-objects.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import {
  claimName,
  configMapName,
  executingAppName,
  serviceNames,
  volumeName,
} from './kube-app-names.ts'

const name = executingAppName('web', 'f'.repeat(64), 'uid')

function objectsOf(
  app: AppSpec,
  restartedAt?: string,
  hasNoRoomToSurge = false,
  securityLevel: SecurityLevel = 'baseline',
) {
  const record: StoredExecutingApp = {
    apiVersion: GROUP_VERSION,
    kind: 'ExecutingApp',
    metadata: {
      name,
      namespace: 'porpulsion-peer-f',
      uid: 'r',
      resourceVersion: '1',
      creationTimestamp: '',
    },
    spec: {
      peer: { name: 'a', fingerprint: 'f'.repeat(64) },
      submitter: { uid: 'uid', namespace: 'n', name: 'web', generation: 3, epoch: 'e' },
      specHash: 'hash',
      policyRevision: 'r',
      app,
      ...(restartedAt !== undefined && { restartedAt }),
    },
  }
  return appObjects(record, app, { serviceName: 'web', hasNoRoomToSurge, securityLevel })
}

const templateOf = (app: AppSpec, restartedAt?: string) =>
  objectsOf(app, restartedAt).deployment.spec!.template
const secretApp = (value: string): AppSpec => ({
  image: 'x',
  secrets: [{ name: 'keys', mountPath: '/k', data: { key: value } }],
})

test('a pod gets no token, no list of its neighbours, and no security setting nobody asked for', () => {
  expect(templateOf({ image: 'x' }).spec).toEqual({
    containers: [{ name: 'app', image: 'x' }],
    automountServiceAccountToken: false,
    serviceAccountName: 'porpulsion-app',
    enableServiceLinks: false,
  })
})

test('at level restricted a pod is given what the level needs, its init containers too', () => {
  const app: AppSpec = {
    image: 'x',
    initContainers: [{ name: 'fetch', image: 'x' }],
    securityContext: { runAsUser: 1000, capabilities: { drop: ['NET_RAW'] } },
  }
  const { spec } = objectsOf(app, undefined, false, 'restricted').deployment.spec!.template
  expect(spec?.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['NET_RAW', 'ALL'] },
    })
})

test('references to files lead to the app’s own objects, whatever they are called', () => {
  const env: AppSpec['env'] = [
    { name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
    { name: 'B' },
  ]
  const [container] = templateOf({ ...secretApp('v'), env }).spec!.containers
  expect(container?.env).toEqual([
    { name: 'A', valueFrom: { secretKeyRef: { name: `${name}.secret.keys`, key: 'key' } } },
    { name: 'B', value: '' },
  ])
  expect(objectsOf(secretApp('v')).secrets[0]).toMatchObject({
    metadata: { name: `${name}.secret.keys` },
    data: { key: 'dg==' },
  })
})

test('new content and a restart change the template, so that pods are replaced; scaling does not', () => {
  const template = templateOf(secretApp('one'))
  expect(templateOf(secretApp('two'))).not.toEqual(template)
  expect(templateOf(secretApp('one'), '2030-01-01T00:00:00Z')).not.toEqual(template)
  expect(templateOf({ ...secretApp('one'), replicas: 5 })).toEqual(template)
  expect(JSON.stringify(template)).not.toContain('one')
})

test('security settings go where Kubernetes wants them', () => {
  const { spec } = templateOf({
    image: 'x',
    securityContext: {
      runAsNonRoot: true,
      fsGroup: 7,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
  })
  expect(spec?.securityContext).toEqual({ runAsNonRoot: true, fsGroup: 7 })
  expect(spec?.containers[0]?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  })
})

test('no label a peer writes changes whose pod it is', () => {
  const labels = {
    [Label.App]: 'another',
    [Label.Peer]: 'another',
    'app.kubernetes.io/name': 'mine',
  }
  expect(templateOf({ image: 'x', labels }).metadata?.labels).toMatchObject({
    [Label.App]: 'uid',
    [Label.Peer]: 'f'.repeat(12),
    'app.kubernetes.io/name': 'mine',
  })
})

test('init containers run with the rights and mounts of the app, before it', () => {
  const { spec } = templateOf({
    image: 'x',
    securityContext: { allowPrivilegeEscalation: false },
    emptyDirs: [{ name: 'work', mountPath: '/work', sizeLimit: '1Mi' }],
    initContainers: [{ name: 'fetch', image: 'y', args: ['--once'] }],
  })
  const mounts = [{ name: 'empty-work', mountPath: '/work' }]
  expect(spec?.initContainers).toEqual([
    {
      name: 'fetch',
      image: 'y',
      args: ['--once'],
      securityContext: { allowPrivilegeEscalation: false },
      volumeMounts: mounts,
    },
  ])
  expect(spec?.containers[0]?.volumeMounts).toEqual(mounts)
  expect(spec?.volumes).toEqual([{ name: 'empty-work', emptyDir: { sizeLimit: '1Mi' } }])
})

test('credentials for the registry lie in a Secret of the app, and the pod names it', () => {
  const app: AppSpec = {
    image: 'x',
    imagePullSecrets: [{ name: 'registry', dockerConfigJson: 'e30=' }],
  }
  expect(objectsOf(app).secrets).toMatchObject([
    {
      metadata: { name: `${name}.pull.registry` },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'e30=' },
    },
  ])
  expect(templateOf(app).spec?.imagePullSecrets).toEqual([{ name: `${name}.pull.registry` }])
})

test('a claim is the same for an app that comes back, and says whether it stays', () => {
  const [data, kept] = objectsOf({
    image: 'x',
    pvcs: [
      { name: 'data', mountPath: '/data', storage: '1Gi' },
      {
        name: 'kept',
        mountPath: '/kept',
        storage: '2Gi',
        accessMode: 'ReadWriteMany',
        storageClassName: 'fast',
        retain: true,
      },
    ],
  }).claims
  expect(data?.spec).toEqual({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  })
  expect(data?.metadata.labels).not.toHaveProperty(Label.Retained)
  expect(kept).toMatchObject({
    metadata: { labels: { [Label.Retained]: 'true', [Label.App]: 'uid' } },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'fast' },
  })
  const owner = { peer: { name: 'a', fingerprint: 'f'.repeat(64) } }
  const submitter = { uid: 'another', namespace: 'n', name: 'web', generation: 1, epoch: 'e' }
  expect(claimName({ ...owner, submitter }, 'data')).toBe(data?.metadata.name)
  expect(claimName({ ...owner, submitter: { ...submitter, namespace: 'm' } }, 'data')).not.toBe(
    data?.metadata.name,
  )
})

test.each([
  [
    'surges by default',
    {},
    false,
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  ],
  [
    'goes down first where a quota leaves no room',
    {},
    true,
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  ],
  [
    'ends the old pod first where storage is for one',
    { pvcs: [{ name: 'd', mountPath: '/d', storage: '1Gi' }] },
    true,
    { type: 'Recreate' },
  ],
  [
    'surges where storage is shared',
    { pvcs: [{ name: 'd', mountPath: '/d', storage: '1Gi', accessMode: 'ReadWriteMany' }] },
    false,
    { type: 'RollingUpdate' },
  ],
] as const)('an update %s', (_how, fields, hasNoRoomToSurge, strategy) => {
  const app: AppSpec = { image: 'x', ...(fields as Partial<AppSpec>) }
  const { deployment } = objectsOf(app, undefined, hasNoRoomToSurge)
  expect(deployment.spec?.strategy).toMatchObject(strategy)
})

test('without ports there is no Service', () => {
  expect(objectsOf({ image: 'x' }).service).toBeUndefined()
  expect(objectsOf({ image: 'x', ports: [{ port: 80 }] }).service?.spec?.ports).toEqual([
    { name: 'port-80', port: 80, protocol: 'TCP', targetPort: 80 },
  ])
})

test('names are always the same for the same app, differ for any other, and fit', () => {
  const long = 'x'.repeat(52)
  expect(executingAppName('web', 'a', 'uid')).toBe(executingAppName('web', 'a', 'uid'))
  expect(executingAppName('web', 'a', 'uid')).not.toBe(executingAppName('web', 'b', 'uid'))
  expect(executingAppName('web', 'a', 'uid')).not.toBe(executingAppName('web', 'a', 'other'))
  expect(executingAppName(long, 'a', 'uid')).not.toBe(
    executingAppName(`${long.slice(1)}y`, 'a', 'uid'),
  )
  for (const made of [
    executingAppName(long, 'a', 'uid'),
    volumeName('config', 'c'.repeat(63)),
    ...Object.values(serviceNames('0day', '0day-hash')),
  ])
    expect(made).toMatch(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
  expect(serviceNames('0day', 'x').preferred).toMatch(/^[a-z]/)
  // `a.config.b` and `a` + `config.b` cannot be confused: names of apps and files have no dots.
  expect(configMapName('a', 'b')).toBe('a.config.b')
})
