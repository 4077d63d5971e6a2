import type { RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { parseYaml } from '../../api/manifest-yaml.ts'
import { maskedManifest } from './app-manifest.ts'

const spec = {
  secrets: [
    { name: 'db', mountPath: '/etc/db', data: { password: 'hunter2' } },
    { name: 'tls', mountPath: '/etc/tls', binaryData: { 'tls.key': 'aHVudGVyMg==' } },
  ],
  configMaps: [{ name: 'web', mountPath: '/etc/web', data: { 'a.conf': 'listen 80' } }],
  image: 'nginx',
  targetPeer: 'b',
}
const app: RemoteApp = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '7' },
  spec,
}

test('values of secrets are masked, their names and everything else stay', () => {
  const shown = parseYaml(maskedManifest(app))
  expect(shown).toEqual({
    apiVersion: 'porpulsion.io/v1alpha1',
    kind: 'RemoteApp',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      ...spec,
      secrets: [
        { name: 'db', mountPath: '/etc/db', data: { password: '••••••' } },
        { name: 'tls', mountPath: '/etc/tls', binaryData: { 'tls.key': '••••••' } },
      ],
    },
  })
})

test('two that say the same are the same text, in whatever order they came', () => {
  const turned = Object.fromEntries(Object.entries(spec).toReversed()) as typeof spec // the same fields
  expect(maskedManifest({ ...app, spec: turned })).toBe(maskedManifest(app))
})
