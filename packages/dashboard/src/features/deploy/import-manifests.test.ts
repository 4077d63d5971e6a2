import { expect, test } from 'vitest'
import { importManifests, needsImport } from './import-manifests.ts'
import { readText } from './manifest-document.ts'

const app = `apiVersion: porpulsion.io/v1alpha1
kind: RemoteApp
metadata:
  name: web # the shop
spec: {image: nginx, targetPeer: b}
`
const service = `apiVersion: v1
kind: Service
metadata: {name: web}
`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: api}}
    spec:
      volumes: [{name: x, emptyDir: {}}]
      containers:
        - name: api
          image: ghcr.io/me/api:1
          ports: [{containerPort: 8080, name: http}]
          env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
          resources: {limits: {cpu: 500m}}
          volumeMounts: [{name: x, mountPath: /x}]
        - {name: proxy, image: envoy}
`

test('of several documents the app is taken with its comments, and the others are named', () => {
  expect(importManifests(`${service}---\n${app}---\n`)).toEqual({
    ok: true,
    text: app.replace(
      'spec: {image: nginx, targetPeer: b}',
      'spec: { image: nginx, targetPeer: b }',
    ),
    leftOut: ['Service web is left out.'],
  })
})

test('what a server wrote is not taken along', () => {
  const read = importManifests(
    app.replace('  name', '  uid: x\n  resourceVersion: "7"\n  managedFields: []\n  name') +
      'status: {phase: Ready}\n',
  )
  expect(read.ok && readText(read.text)).toEqual({
    ok: true,
    value: {
      apiVersion: 'porpulsion.io/v1alpha1',
      kind: 'RemoteApp',
      metadata: { name: 'web' },
      spec: { image: 'nginx', targetPeer: 'b' },
    },
  })
})

test('a Deployment becomes an app, and what cannot be taken over is said', () => {
  const read = importManifests(`${deployment}---\n${service}`)
  expect(read.ok && readText(read.text)).toEqual({
    ok: true,
    value: {
      apiVersion: 'porpulsion.io/v1alpha1',
      kind: 'RemoteApp',
      metadata: { name: 'api' },
      spec: {
        replicas: 2,
        image: 'ghcr.io/me/api:1',
        resources: { limits: { cpu: '500m' } },
        ports: [{ port: 8080, name: 'http' }],
        labels: { app: 'api' },
      },
    },
  })
  expect(read.ok && read.leftOut).toEqual([
    'Container proxy is left out: an app has one.',
    'volumeMounts of the container is left out.',
    'Its volumes are left out: add them as config maps, secrets or storage.',
    expect.stringMatching(/^env is left out: env\[0\].*resourceFieldRef/) as string,
    'Service web is left out.',
  ])
})

test.each([
  [service, /no RemoteApp and no Deployment in it: Service web/],
  ['a: [', /line 1|column/],
  ['', /There is no RemoteApp/],
])('of %j it is said why it is not taken', (text, problem) => {
  expect(importManifests(text)).toEqual({
    ok: false,
    problem: expect.stringMatching(problem) as string,
  })
})

test.each([
  [app, false],
  [`---\n${app}`, false],
  [`${app}---\n${service}`, true],
  [deployment, true],
])('the editor knows what is not for it', (text, expected) => {
  expect(needsImport(text)).toBe(expected)
})
