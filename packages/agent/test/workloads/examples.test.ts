import { readdir, readFile } from 'node:fs/promises'
import { RemoteAppManifest, schemaErrors, type RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { parseYaml } from '../../src/documents/index.ts'
import { anApiServer } from '../support/api-server.ts'
import { RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { appSpecErrors } from '../../src/workloads/app-spec-errors.ts'

const folder = new URL('../../../../examples/', import.meta.url)

function errorsOf(manifest: unknown): unknown[] {
  const errors = schemaErrors(RemoteAppManifest, manifest)
  // The schema has just been read.
  return errors.length > 0 ? errors : appSpecErrors((manifest as RemoteAppManifest).spec)
}

const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))

test.each(files)('example %s can be applied as it is', async (file) => {
  const { client, namespace } = await anApiServer()
  const manifest = parseYaml(await readFile(new URL(file, folder), 'utf8'))
  expect(errorsOf(manifest)).toEqual([])
  const app = manifest as RemoteApp // errorsOf found nothing
  const metadata = { ...app.metadata, namespace }
  const { spec } = await client.create(RemoteAppKind, { ...app, metadata })
  // Nothing of it was dropped as unknown.
  expect(spec).toEqual(app.spec)
})

test('a manifest as written for the system that did this job before is sound', () => {
  const manifest = parseYaml(`
apiVersion: porpulsion.io/v1alpha1
kind: RemoteApp
metadata:
  name: web
  namespace: porpulsion
spec:
  image: nginx:latest
  replicas: 2
  targetPeer: cluster-b
  command: ["nginx"]
  args: ["-g", "daemon off;"]
  ports:
    - port: 80
      name: http
  resources:
    requests: {cpu: 250m, memory: 128Mi}
    limits: {cpu: 500m, memory: 256Mi}
  env:
    - name: LOG_LEVEL
      value: info
    - name: PASSWORD
      valueFrom:
        secretKeyRef: {name: creds, key: password}
  imagePullPolicy: IfNotPresent
  readinessProbe:
    httpGet: {path: /, port: 80}
    initialDelaySeconds: 5
    periodSeconds: 10
    failureThreshold: 3
  securityContext:
    runAsNonRoot: true
    runAsUser: 101
    fsGroup: 101
  configMaps:
    - name: conf
      mountPath: /etc/nginx/conf.d
      data: {default.conf: "server { listen 80; }"}
  secrets:
    - name: creds
      mountPath: /etc/creds
      data: {password: plain text}
`)
  expect(errorsOf(manifest)).toEqual([])
})
